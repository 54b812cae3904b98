// The queue of a department: who is called, who missed it, who waits; by number, never by name.
import { ask, button, choice, desk, element, field, newKey, openAct, refusalText, say, words } from "/pages/desk.js";

const KEPT = "queue-desk";
const TOLD_MS = 10000;
const byId = (id) => document.getElementById(id);

let departments = [];
let refusal = null;  // of the last act, until the next
let unsure = null;  // the act whose answer was lost: done again it carries the same key
let busy = false;
let last = null;  // what was listed last, for a reader that lost the backend

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

const path = (plan, act = "") => `/api/queues/${encodeURIComponent(plan)}${act}`;

// A venue without departments has no queue to show; one that cannot be asked may have.
export async function learnQueues() {
  const { values } = await ask("/api/queues");
  departments = values?.departments ?? [];
  desk.queues = !values || departments.length > 0;
}

function openChoice(redraw) {
  const { plan, room } = kept();
  const options = Object.fromEntries(departments.map((one) => [one.plan, say(one.title)]));
  openAct({
    title: words().queueSet, back: "queue-set",
    fields: [choice("plan", words().department, options), field("room", words().room, { maxlength: 12 })],
    act: async (given) => {
      localStorage.setItem(KEPT, JSON.stringify({ plan: given.plan, room: given.room.trim() }));
      refusal = last = null;
      return {};
    },
    done: redraw,
  });
  if (options[plan]) byId("act-plan").value = plan;
  byId("act-room").value = room ?? "";
}

async function act(pressed, plan, name, wish, redraw) {
  if (busy) return;  // a second press would call a second number
  busy = true;
  pressed.disabled = true;
  const same = JSON.stringify([plan, name, wish]);
  const key = unsure?.same === same ? unsure.key : newKey();
  const answer = await ask(path(plan, `/${name}`), { key, ...wish });
  const lost = answer.refused && (!answer.refused.code || answer.refused.code === "unreachable");
  unsure = lost ? { same, key } : null;
  refusal = answer.refused ? { ...answer.refused, since: performance.now() } : null;
  busy = false;
  await redraw();
  if (document.activeElement === document.body) (byId(pressed.id) ?? byId("queue-next"))?.focus();
}

const moment = (instant) => new Intl.DateTimeFormat(desk.language === "zh" ? "zh-CN" : "en-GB", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false,
}).format(new Date(instant));

function group(name, numbers, draw) {
  const rows = numbers.map((one) => element("li", { className: "queue-row" },
    element("strong", { className: "figures queue-number", text: String(one.number) }), ...draw(one)));
  return element("section", { className: "card", id: `queue-${name}` },
    element("h3", { text: `${words()[name]} · ${numbers.length}` }),
    rows.length ? element("ol", { className: "entries" }, ...rows) : element("p", { className: "small", text: words().queueNone }));
}

export async function queue(redraw) {
  if (!departments.length) await learnQueues();
  const { plan, room } = kept();
  const chosen = departments.find((one) => one.plan === plan);
  const set = () => button(words().queueSet, () => openChoice(redraw), { id: "queue-set" });
  const told = (refused) => element("p", { className: "refusal", role: "alert", text: refusalText(refused) });
  if (departments.length && (!chosen || !room)) return [element("p", { text: words().queueWhy }), set()];
  const { values, refused } = await ask(path(plan ?? "-"));
  if (values) {
    last = { plan, ...values };
    if (refusal && performance.now() - refusal.since > TOLD_MS) refusal = null;  // the network may be back
  }
  const shown = last?.plan === plan ? last : null;
  const wrong = refusal ?? refused;
  if (!shown) return [told(wrong), ...(departments.length ? [set()] : [])];
  const those = (state) => shown.numbers.filter((one) => one.state === state);
  const does = (name, text, wish, id, more = {}) => button(text, (event) => act(event.currentTarget, plan, name, wish, redraw), { id, ...more });
  const settle = (one, settlement, text) => does("settle", text, { number: one.number, settlement }, `queue-${settlement}-${one.number}`);
  const again = (one, text) => does("call", text, { desk: room, number: one.number }, `queue-again-${one.number}`);
  const buttons = (...all) => element("span", { className: "buttons" }, ...all);
  return [
    ...(wrong ? [told(wrong)] : []),
    element("div", { className: "queue-head" },
      does("call", words().callNext, { desk: room, number: null }, "queue-next", { className: "primary" }),
      element("p", { text: `${chosen ? say(chosen.title) : plan} · ${room}` }), set()),
    group("queueCalled", those("CALLED"), (one) => [element("span", { text: `→ ${one.desk}` }), buttons(
      again(one, words().callAgain), settle(one, "SEEN", words().queueSeen), settle(one, "MISSED", words().queueMiss))]),
    group("queueMissed", those("MISSED"), (one) => [buttons(again(one, words().callAgain), settle(one, "BACK", words().queueBack))]),
    group("queueWaiting", those("WAITING"), (one) => [
      element("span", { text: words().queueSlot(moment(one.slot_starts_at)) }),
      ...(one.late ? [element("span", { className: "queue-late", text: words().queueLate })] : [])]),
    element("p", { className: "small", text: words().queueAsOf(moment(shown.as_of)) }),
  ];
}
