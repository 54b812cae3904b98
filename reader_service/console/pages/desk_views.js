// The sections beside the lanes: flow, conflicts, look-up, device, update code.
import { ask, button, desk, element, field, openAct, refusalText, say, words } from "/pages/desk.js";
import { queue } from "/pages/queue_view.js";

const ZONE = "Asia/Shanghai";
let shown = 0;

const locale = () => (desk.language === "zh" ? "zh-CN" : "en-GB");
const moment = (instant) => new Intl.DateTimeFormat(locale(), {
  timeZone: ZONE, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
}).format(new Date(instant));
const minute = (instant) => new Intl.DateTimeFormat(locale(), {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", hour12: false,
}).format(new Date(instant));

function table(caption, heads, rows) {
  return element("table", {}, element("caption", { text: caption }),
    element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col", text })))),
    element("tbody", {}, ...rows.map(([first, ...cells]) => element("tr", {},
      element("th", { scope: "row", text: String(first) }),
      ...cells.map((text) => element("td", { className: "figures", text: String(text) }))))));
}

const refusalOf = (refused) => element("p", {
  className: "refusal", role: "alert", text: refusalText(refused),
});

async function flow() {
  const { values, refused } = await ask("/api/flow");
  if (refused) return [refusalOf(refused)];
  const rows = values.areas.map((one) => [one.area ?? words().wholeVenue, one.inside, one.entered, one.left]);
  const counted = values.as_of ? words().countedWith(desk.page.age(values.as_of)) : words().countedAlone;
  const parts = [
    table(words().areasTitle, [words().area, words().inside, words().entered, words().left], rows),
    element("p", { className: "small", text: counted }),
  ];
  if (!values.hours.length) return [...parts, element("p", { text: words().noFlow })];
  const whose = values.whole_venue ? words().ofVenue : words().ofReader;
  const title = `${words().hoursTitle} · ${whose}`;
  const busiest = values.hours.reduce((most, one) => (one.entered > most.entered ? one : most));
  return [...parts,
    element("figure", {},
      element("img", { src: `/api/flow.svg?${Date.now()}`, alt: `${title}. ${words().legend} ${busiest.hour}:00 ${busiest.entered}` }),
      element("figcaption", { text: `${title}${desk.language === "zh" ? "。" : ". "}${words().legend}` })),
    table(title, [words().hour, words().entered, words().left, words().refused],
      values.hours.map((one) => [`${one.hour}:00`, one.entered, one.left, one.refused])),
    ...(values.lanes.length ? [table(words().byLaneTitle, [words().lane, words().entered, words().left, words().refused],
      values.lanes.map((one) => [say(one.name), one.entered, one.left, one.refused]))] : []),
    element("a", { className: "file", href: "/api/flow.csv", download: true, text: words().saveFlow }),
  ];
}

function drawConflict(one) {
  const entries = element("ol", { className: "entries" }, ...one.entries.map((entry) => element("li", {},
    element("time", { datetime: entry.at, className: "figures", text: moment(entry.at) }), " ",
    element("strong", { text: `${say(entry.venue)} · ${say(entry.lane)}` }), " ",
    [words().passed(entry.persons), ...entry.flags.map((flag) => words().flags[flag] ?? flag)].join(" · "))));
  const open = !one.acknowledged_at;
  const card = element("section", { className: "card" },
    element("h3", { text: words().kinds[one.kind] ?? one.kind }), entries,
    element("p", { text: open ? `! ${words().open}` : `✓ ${words().acknowledged} · ${one.note ?? ""}` }));
  if (open) card.append(button(words().acknowledge, () => openAct({
    title: words().acknowledgeTitle, fields: [field("note", words().note, { maxlength: 200 })],
    act: ({ key, note }) => ask(`/api/conflicts/${encodeURIComponent(one.id)}/acknowledge`, { key, note }),
    done: () => refresh(),
  })));
  return card;
}

async function conflicts() {
  const { values, refused } = await ask("/api/conflicts");
  if (refused) return [refusalOf(refused)];
  const age = values.as_of ? words().asOf(desk.page.age(values.as_of)) : words().never;
  const stale = desk.page.state()?.sync.problem ? ` · ${words().stale}` : "";
  return [element("p", { className: "small", text: age + stale }),
    ...(values.conflicts.length || !values.as_of ? values.conflicts.map(drawConflict)
      : [element("p", { text: words().noConflicts })])];
}

function lookUp() {
  const results = element("div", { "aria-live": "polite" });
  const form = element("form", { className: "look-up" },
    field("name", words().name, { required: false, maxlength: 30 }),
    field("tail", words().tail, { required: false, maxlength: 4, pattern: "[0-9]{3}[0-9Xx]" }),
    field("reason", words().why, { maxlength: 200 }),
    element("button", { type: "submit", className: "primary", text: words().search }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { values, refused } = await ask("/api/look-up", Object.fromEntries(new FormData(form)));
    if (refused) results.replaceChildren(refusalOf(refused));
    else if (!values.expected.length) results.replaceChildren(element("p", { text: words().nobody }));
    else results.replaceChildren(table(words().lookUpTitle, [words().person, words().number, words().time, words().count],
      values.expected.map((one) => [one.name, one.number, `${minute(one.starts_at)}–${minute(one.ends_at)}`,
        `${one.entered} / ${one.quantity}`])));
  });
  return [element("p", { text: words().lookUpWhy }), form, results];
}

function line(name, good, text) {
  return element("div", { className: good ? "fact" : "fact wrong" },
    element("dt", { text: name }), element("dd", { text: `${good ? words().good : words().bad} ${text}` }));
}

function peersText(peers) {
  if (!peers.ready) return words().peersNoKey;
  if (!peers.sends) return words().peersNoNetwork;
  return peers.silent.length ? words().peersSilent(peers.silent.join("、")) : words().peersThere(peers.there);
}

async function device(state) {
  const { values, refused } = await ask("/api/device");
  if (refused) return [refusalOf(refused)];
  const { clock_ahead: ahead } = values;
  const off = ahead === null ? null : Math.round(ahead);
  const phones = values.clock_source === "phones";
  const [fine, wrong] = phones ? [words().clockPhones, words().clockPhones] : [words().clockFine, words().clockOff];
  const said = off === null ? words().clockUnknown : (values.clock_off ? wrong : fine)(off);
  const clock = values.clock_corrected ? `${said} · ${words().clockCorrected}` : said;
  const free = values.disk_free === null ? "?" : words().free((values.disk_free / 1e9).toFixed(1));
  const synced = state.sync.last_success ? words().ago(desk.page.age(state.sync.last_success)) : words().missing;
  return [element("dl", { className: "facts" },
    ...state.lanes.map((lane) => line(say(lane.name), !lane.faults.length,
      lane.faults.map((fault) => say(fault.headline)).join("、") || words().fine)),
    ...Object.entries(state.lists).map(([kind, list]) => line(words().lists[kind] ?? kind, Boolean(list),
      list ? words().ago(desk.page.age(list.confirmed_at)) : words().missing)),
    line(words().clock, off !== null && !values.clock_off, clock),
    ...(state.peers ? [line(words().peers, state.peers.ready && state.peers.sends && !state.peers.silent.length, peersText(state.peers))] : []),
    line(words().disk, !values.disk_low, values.disk_low ? `${free} · ${words().diskLow}` : free),
    line(words().sync, Boolean(state.sync.last_success) && !state.sync.problem, state.sync.problem ? `${synced} · ${say(state.sync.problem.text)}` : synced),
    line(words().unsent, state.sync.unsent !== null, String(state.sync.unsent ?? "?")),
    line(words().staffCount, values.staff > 1, String(values.staff)))];
}

// A data address: the page keeps no file, and the picture is never fetched by itself.
async function update() {
  const { values, refused } = await ask("/api/update-code");
  if (refused) return [element("p", { text: words().updateWhy }), refusalOf(refused)];
  const until = words().updateUntil(moment(values.valid_until));
  return [element("p", { text: words().updateWhy }),
    element("figure", { className: "qr" },
      element("img", { src: `data:image/svg+xml,${encodeURIComponent(values.svg)}`, alt: words().updateTitle }),
      element("figcaption", { text: until })),
    ...(values.left_out ? [element("p", { className: "small", text: words().updateLeftOut(values.left_out) })] : []),
    button(words().updateAnew, () => refresh())];
}

const VIEWS = {
  flow: ["areasTitle", flow], conflicts: ["conflictsTitle", conflicts],
  lookUp: ["lookUpTitle", lookUp], queue: ["queueTitle", () => queue(refresh)], device: ["deviceTitle", device], update: ["updateTitle", update],
};

let again = () => {};
export const refresh = () => again();

export async function showSection(name, place, state) {
  const mine = ++shown;
  const [title, view] = VIEWS[name];
  again = () => showSection(name, place, desk.page.state());
  if (!state) return;
  if (place.dataset.section !== name) place.replaceChildren();  // never one section under another's name
  place.dataset.section = name;
  const parts = await view(state);
  if (mine !== shown || desk.section !== name) return;
  const held = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.replaceChildren(element("h2", { text: words()[name === "flow" ? "flow" : title] }), ...parts);
  if (held) document.getElementById(held)?.focus();
}
