// What staff do: unlock, take back, let in by hand, let in more. Each act carries a key of its own.
import { DESK_WORDS } from "/pages/desk_words.js";
import { refresh, showSection } from "/pages/desk_views.js";
import { learnQueues } from "/pages/queue_view.js";

const HERE_EVERY_MS = 30000;
const SECTIONS = ["lanes", "queue", "flow", "conflicts", "lookUp", "device", "update"];
const LIVE = ["flow", "device", "queue"];
const byId = (id) => document.getElementById(id);

export const desk = { language: "zh", session: null, section: "lanes", page: null, queues: false };
export const words = () => DESK_WORDS[desk.language];
export const say = (text) => (text ? text[desk.language] : "");

export const refusalText = ({ text, next_step: next }) =>
  [say(text), say(next)].filter(Boolean).join(desk.language === "zh" ? "" : " ");

let lastHere = 0;

export function element(tag, { className, text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function button(text, act, more = {}) {
  const made = element("button", { type: "button", text, ...more });
  made.addEventListener("click", act);
  return made;
}

// ---- the service -----------------------------------------------------------------------------

export async function ask(path, body) {
  const request = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    return { refused: { text: { zh: DESK_WORDS.zh.failed, en: DESK_WORDS.en.failed } } };
  }
  const values = await answer.json().catch(() => ({}));
  if (answer.ok) return { values };
  if (answer.status === 401) setSession({ ...desk.session, staff: null });
  return { refused: values.text ? values : { text: { zh: DESK_WORDS.zh.failed, en: DESK_WORDS.en.failed } } };
}

export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- who is there ----------------------------------------------------------------------------

export const unlocked = () => Boolean(desk.session?.staff);

function setSession(session) {
  const before = unlocked();
  desk.session = session;
  if (before && !unlocked()) {
    desk.section = "lanes";
    byId("act").close();
    byId("act").replaceChildren();
    byId("section").replaceChildren();
  }
  drawDesk();
  if (before === unlocked()) return;
  desk.page.redraw();
  if (unlocked()) learnQueues().then(drawDesk);
}

async function checkSession() {
  const { values } = await ask("/api/session");
  if (values && JSON.stringify(values) !== JSON.stringify(desk.session)) setSession(values);
}

function stillHere() {
  if (!unlocked() || performance.now() - lastHere < HERE_EVERY_MS) return;
  lastHere = performance.now();
  ask("/api/session/here", {});
}

export function drawDesk() {
  const lock = byId("lock");
  lock.textContent = unlocked() ? `${words().lock} · ${desk.session.staff.name}` : words().unlock;
  byId("emergency").textContent = emergencyHeld() ? words().emergencyEnd : words().emergency;
  const nav = byId("sections");
  nav.hidden = !unlocked();
  nav.setAttribute("aria-label", words().sections);
  nav.replaceChildren(...SECTIONS.filter((name) => name !== "queue" || desk.queues).map((name) => button(words()[name], () => openSection(name), {
    id: `section-${name}`, "aria-current": desk.section === name ? "page" : null,
  })));
  byId("lanes").hidden = desk.section !== "lanes";
  byId("section").hidden = desk.section === "lanes";
  if (desk.section !== "lanes") showSection(desk.section, byId("section"), desk.page.state());
}

function openSection(name) {
  desk.section = name;
  drawDesk();
  byId(`section-${name}`).focus();
}

// ---- the dialogue ----------------------------------------------------------------------------

export function field(name, label, attributes = {}) {
  const id = `act-${name}`;
  return element("div", { className: "field" },
    element("label", { for: id, text: label }),
    element("input", { id, name, required: true, autocomplete: "off", ...attributes }));
}

export function choice(name, label, options) {
  const id = `act-${name}`;
  return element("div", { className: "field" },
    element("label", { for: id, text: label }),
    element("select", { id, name, required: true }, element("option", { value: "", text: "—" }),
      ...Object.entries(options).map(([value, text]) => element("option", { value, text }))));
}

function stepper(label, most, value = 1) {
  const input = element("input", {
    id: "act-persons", name: "persons", type: "number", min: 1, max: most, value, required: true,
    inputmode: "numeric",
  });
  const step = (by) => () => { input.value = Math.min(most, Math.max(1, Number(input.value) + by)); };
  return element("div", { className: "field" }, element("label", { for: "act-persons", text: label }),
    element("div", { className: "stepper" },
      button("−", step(-1), { "aria-label": words().fewer }), input,
      button("+", step(1), { "aria-label": words().more })));
}

// One key for the dialogue: however often it is confirmed, the act is the same one.
export function openAct({ title, why, fields, confirm, act, done, back }) {
  const dialog = byId("act");
  const refusal = element("p", { className: "refusal", role: "alert", hidden: true });
  const submit = element("button", { type: "submit", className: "primary", text: confirm ?? words().confirm });
  const key = newKey();
  const form = element("form", { novalidate: false },
    element("h2", { id: "act-title", text: title }),
    ...(why ? [element("p", { text: why })] : []), ...fields, refusal,
    element("div", { className: "buttons" }, submit, button(words().cancel, () => dialog.close())));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    submit.disabled = true;
    const answer = await act({ key, ...given });
    submit.disabled = false;
    if (answer.refused) {
      refusal.hidden = false;
      refusal.textContent = refusalText(answer.refused);
      return;
    }
    dialog.close();
    done?.(answer.values);
    // What opened the dialogue may be gone with what was done.
    if (document.activeElement === document.body) byId(back ?? "lock")?.focus();
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  (form.querySelector("input, select") ?? submit).focus();
}

function openUnlock() {
  if (!desk.session?.set_up) {
    openAct({ title: words().locked, why: words().notSetUp, fields: [], confirm: words().close, act: async () => ({}) });
    return;
  }
  openAct({
    title: words().unlock, confirm: words().unlock, fields: [
      field("staff", words().staff, { maxlength: 16 }),
      field("pin", words().pin, { type: "password", inputmode: "numeric", maxlength: 12 }),
    ],
    act: ({ staff, pin }) => ask("/api/session", { staff, pin }),
    done: setSession,
  });
}

async function lockOrUnlock() {
  if (!unlocked()) {
    openUnlock();
    return;
  }
  const { values } = await ask("/api/session/end", {});
  if (values) setSession(values);
}

const emergencyHeld = () => Boolean(desk.page?.state()?.emergency?.held);

function openEmergency() {
  const held = !emergencyHeld();
  openAct({
    title: held ? words().emergencyTitle : words().emergencyEndTitle, confirm: held ? words().emergency : words().emergencyEnd,
    why: held ? words().emergencyWhy : words().emergencyEndWhy, back: "emergency",
    fields: [
      field("staff", words().staff, { maxlength: 16 }),
      field("pin", words().pin, { type: "password", inputmode: "numeric", maxlength: 12 }),
    ],
    act: ({ key, staff, pin }) => ask("/api/emergency", { key, staff, pin, held }),
    done: ({ emergency }) => desk.page.learn({ emergency }),
  });
}

export function emergencyText(emergency, time) {
  if (!emergency) return "";
  const { held, since, staff, signed, stuck } = emergency;
  return [
    held && words().emergencyHeld(time(since), staff), !signed && words().emergencyUnsigned,
    stuck.length && words().emergencyStuck(stuck.join(desk.language === "zh" ? "、" : ", ")),
  ].filter(Boolean).join(desk.language === "zh" ? "" : " ");
}

// ---- acts at a lane --------------------------------------------------------------------------

const at = (lane, act) => `/api/lanes/${lane.number}/${act}`;

function openTakeBack(lane, answer) {
  openAct({
    title: words().takeBackTitle, why: `${say(lane.name)} · ${say(answer.headline)}. ${words().takeBackWhy}`,
    fields: [], confirm: words().takeBack, back: `lane-${lane.number}-by-hand`,
    act: ({ key }) => ask(at(lane, "take-back"), { key, answer: answer.id }),
  });
}

function openByHand(lane, answer) {
  openAct({
    title: `${words().byHandTitle} · ${say(lane.name)}`,
    back: `lane-${lane.number}-by-hand`,
    why: answer ? `${words().over}${desk.language === "zh" ? "：" : ": "}${say(answer.headline)}` : undefined,
    fields: [
      choice("reason", words().reason, words().reasons), stepper(words().persons, 99),
      field("second", words().second, { maxlength: 16 }),
      field("second_pin", words().secondPin, { type: "password", inputmode: "numeric", maxlength: 12 }),
    ],
    act: (given) => ask(at(lane, "by-hand"), { ...given, persons: Number(given.persons), refused: answer?.id ?? null }),
  });
}

function openParty(lane) {
  openAct({
    title: words().partyTitle, why: words().partyWhy, fields: [stepper(words().persons, 99, 2)],
    act: ({ persons }) => ask(at(lane, "party"), { persons: Number(persons) }),
  });
}

function openFollowers(lane, answer) {
  const { quantity, entered } = answer.detail;
  const left = quantity ? quantity - entered : 99;
  openAct({
    title: words().followersTitle, why: quantity ? words().booked(entered, quantity) : undefined,
    fields: [stepper(words().persons, Math.max(1, left), Math.max(1, left))], confirm: words().followers,
    back: `lane-${lane.number}-by-hand`,
    act: ({ key, persons }) => ask(at(lane, "more"), { key, answer: answer.id, persons: Number(persons) }),
  });
}

// What a checked showing was answered before: only for who unlocked the page, and asked for once.
const checks = new Map();

async function learnCheck(lane, answer) {
  checks.set(answer.id, []);
  const { values } = await ask(`${at(lane, "checks")}/${answer.id}`);
  if (!values) return;
  checks.set(answer.id, values.earlier);
  desk.page.redraw();
}

function drawEarlier(lane, answer) {
  if (!checks.has(answer.id)) learnCheck(lane, answer);
  const earlier = checks.get(answer.id);
  const named = new Map(desk.page.state().lanes.map((one) => [one.number, say(one.name)]));
  const rows = earlier.map((one) => element("li", {},
    element("time", { datetime: one.at, className: "figures", text: desk.page.time(one.at) }),
    ` · ${named.get(one.lane) ?? one.lane} · `, element("strong", { text: say(one.headline) })));
  return element("div", { className: "earlier" },
    element("p", { text: rows.length ? words().earlier : words().noEarlier }), element("ol", { className: "entries" }, ...rows));
}

function checkButton(lane) {
  const act = () => ask(at(lane, "check"), { wait: !lane.checking });
  return button(lane.checking ? words().checkEnd : words().check, act, { id: `lane-${lane.number}-check` });
}

export function drawLaneBar(lane) {
  const bar = element("div", { className: "lane-bar" });
  if (lane.out || lane.may_turn) {
    bar.append(element("p", { className: lane.out ? "way out" : "way", text: lane.out ? words().wayOut : words().wayIn }));
  }
  if (lane.party > 1) {
    bar.append(element("p", { className: "party", role: "status", text: words().partyWaiting(lane.party) }));
  }
  if (lane.checking) bar.append(element("p", { className: "party", role: "status", text: words().checking }));
  if (unlocked()) {
    if (lane.may_turn) {
      const direction = lane.out ? "in" : "out";
      bar.append(button(lane.out ? words().turnIn : words().turnOut, () => ask(at(lane, "direction"), { direction }),
        { id: `lane-${lane.number}-turn` }));
    }
    bar.append(button(words().party, () => openParty(lane), { id: `lane-${lane.number}-party` }),
      button(words().byHand, () => openByHand(lane, null), { id: `lane-${lane.number}-by-hand` }),
      checkButton(lane));
  }
  return bar;
}

// What may be done about an answer; the service decides, this only offers.
export function drawAnswerActs(lane, answer) {
  const annulled = lane.annulled.includes(answer.id);
  const acts = element("div", { className: "acts" });
  if (annulled) acts.append(element("span", { className: "tag", text: words().takenBack }));
  const { quantity, entered } = answer.detail;
  if (quantity > 1 && !annulled) acts.append(element("span", { className: "tag", text: words().booked(entered, quantity) }));
  else if (answer.persons > 1) acts.append(element("span", { className: "tag", text: words().passed(answer.persons) }));
  if (!unlocked() || answer.annuls) return acts;
  if (answer.detail.turned_by) {
    acts.append(element("span", { className: "tag", text: words().turnedBy(answer.detail.turned_by) }));
    return acts;
  }
  if (answer.checked) {
    acts.append(drawEarlier(lane, answer));
    return acts;
  }
  const offer = (name, act) => button(words()[name], () => act(lane, answer), { id: `${name}-${answer.id}` });
  if (answer.more_may_follow && !annulled && !(entered >= quantity)) {
    acts.append(offer("followers", openFollowers));
  }
  if (answer.persons > 0 && !annulled) acts.append(offer("takeBack", openTakeBack));
  if (answer.persons === 0) acts.append(offer("byHand", openByHand));
  return acts;
}

// ---- a screen that stays at the gate -----------------------------------------------------------

function keepOnScreen() {
  for (const name of ["contextmenu", "dragstart", "drop", "dragover"]) {
    document.addEventListener(name, (event) => event.preventDefault());
  }
  history.pushState(null, "");
  addEventListener("popstate", () => history.pushState(null, ""));
  document.addEventListener("keydown", (event) => {
    const leaves = event.key === "F5" || (event.altKey && event.key.startsWith("Arrow"))
      || ((event.ctrlKey || event.metaKey) && "lnoprtw".includes(event.key.toLowerCase()));
    if (leaves) event.preventDefault();
  });
  document.addEventListener("click", () => {
    if (!document.fullscreenElement) document.documentElement.requestFullscreen?.().catch(() => {});
  });
}

export function startDesk(page, { kiosk }) {
  desk.page = page;
  byId("lock").addEventListener("click", lockOrUnlock);
  byId("emergency").addEventListener("click", openEmergency);
  for (const name of ["click", "keydown"]) document.addEventListener(name, stillHere);
  if (kiosk) keepOnScreen();
  drawDesk();
  checkSession();
  setInterval(checkSession, 5000);
  setInterval(() => { if (unlocked() && LIVE.includes(desk.section)) refresh(); }, 15000);
}
