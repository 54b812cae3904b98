// Shows what the reader service says; decides nothing and keeps nothing but the language.
import { desk, drawAnswerActs, drawDesk, emergencyText, drawLaneBar, startDesk } from "/pages/desk.js";
import { allowSound, play } from "/pages/sounds.js";

const SHOWN_MS = 2000;
const EDGE = 16;
const ZONE = "Asia/Shanghai";
const WORDS = {
  zh: {
    title: "一卡通 · 通道", other: "English", sound: "声音", waiting: "等待出示", challenge: "请在手机上输入挑战码",
    closed: "闭馆中", devicesFine: "✓ 设备正常", opens: (time) => `${time} 开放`, noOpening: "开放时间未定",
    ecode: "二维码", paper: "纸质码", card: "实体卡",
    proof: { not_authenticated: "卡未认证", authenticated: "卡已认证", authenticated_by_driver: "卡已由驱动认证" },
    lists: "名单核对于", sync: "同步", synced: "正常", unsent: "待上传", never: "从未",
    ago: (age) => `${age}前`, seconds: (n) => `${n} 秒`, minutes: (n) => `${n} 分钟`,
    hours: (n) => `${n} 小时`, days: (n) => `${n} 天`, since: (time) => `${time} 起`,
    clockWrong: (n) => `本机时间差 ${n} 秒，码会被误拒，请校准本机时间`,
    offline: "页面与本机服务断开，正在重连。请看闸机指示，或重启本机。",
  },
  en: {
    title: "Yikatong · Lanes", other: "中文", sound: "Sound", waiting: "Ready", challenge: "Type this challenge code on your phone",
    closed: "Closed now", devicesFine: "✓ The devices are fine", opens: (time) => `Opens ${time}`, noOpening: "No opening is set",
    ecode: "code", paper: "paper code", card: "card",
    proof: {
      not_authenticated: "not authenticated", authenticated: "authenticated",
      authenticated_by_driver: "authenticated by its driver",
    },
    lists: "Lists checked", sync: "Sync", synced: "fine", unsent: "to upload", never: "never",
    ago: (age) => `${age} ago`, seconds: (n) => `${n} s`, minutes: (n) => `${n} min`,
    hours: (n) => `${n} h`, days: (n) => `${n} d`, since: (time) => `since ${time}`,
    clockWrong: (n) => `This reader's clock is ${n} s off and good codes are refused: set it`,
    offline: "The page lost the reader service and is trying again. Watch the gate, or restart the reader.",
  },
};

const query = new URLSearchParams(location.search);
const onlyLane = Number(query.get("lane")) || null;
// The screen that visitors look at: what is asked of them and the answer, nothing of what staff do.
const forVisitors = query.has("visitors");
const byId = (id) => document.getElementById(id);

let language = query.get("lang") ?? localStorage.getItem("language") ?? "zh";
if (!(language in WORDS)) language = "zh";
let state = null;
let offline = false;
let clockLead = 0;
let shown = null;
let shownUntil = 0;

const words = () => WORDS[language];
const say = (text) => (text ? text[language] : "");

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function shape(verdict) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#shape-${verdict}`);
  svg.append(use);
  return svg;
}

const shapeOf = (answer) => (answer.checked ? "check" : answer.verdict);

function clockTime(instant) {
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  }).format(new Date(instant));
}

function dayAndTime(instant) {
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    timeZone: ZONE, month: language === "zh" ? "long" : "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
  }).format(new Date(instant));
}

// Closed on purpose 闭馆: large and calm, so that nobody takes it for a reader that is down.
function drawClosed() {
  const { opens, why } = state.closed;
  const box = element("div", "closed");
  box.append(element("strong", "", words().closed));
  if (why) box.append(element("p", "why", say(why)));
  box.append(element("p", "opens figures", opens ? words().opens(dayAndTime(opens)) : words().noOpening));
  if (!forVisitors) box.append(element("p", "fine", words().devicesFine));
  return box;
}

function drawIdle() {
  return state.closed ? drawClosed() : element("p", "waiting", words().waiting);
}

function age(instant) {
  const seconds = Math.max(0, Math.round((Date.now() + clockLead - Date.parse(instant)) / 1000));
  if (seconds < 60) return words().seconds(seconds);
  if (seconds < 3600) return words().minutes(Math.floor(seconds / 60));
  if (seconds < 172800) return words().hours(Math.floor(seconds / 3600));
  return words().days(Math.floor(seconds / 86400));
}

// ---- the page ------------------------------------------------------------------------------

function drawHead() {
  desk.language = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = words().title;
  byId("language").textContent = words().other;
  byId("language").lang = language === "zh" ? "en" : "zh-CN";
  byId("sound").textContent = words().sound;
  byId("venue").textContent = state?.venue ? say(state.venue.name) : words().title;
  drawState();
  drawTrouble();
}

function drawState() {
  byId("clock").textContent = clockTime(Date.now() + clockLead);
  if (!state) return;
  const held = Object.values(state.lists).filter(Boolean).map((list) => list.confirmed_at);
  const { last_success, problem, unsent } = state.sync;
  const facts = [
    [words().lists, held.length ? words().ago(age(held.sort()[0])) : words().never],
    [words().sync, problem || !last_success
      ? `${last_success ? words().ago(age(last_success)) : words().never}` : words().synced],
  ];
  if (unsent) facts.push([words().unsent, String(unsent)]);
  byId("state").replaceChildren(...facts.map(([name, value]) => {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "figures", value));
    return pair;
  }));
}

function drawTrouble() {
  let text = "";
  if (offline) text = words().offline;
  else if (state) {
    const { lists_fault: lists, sync, clock: own } = state;
    const late = own?.wrong && words().clockWrong(Math.abs(Math.round(own.ahead)));
    text = [emergencyText(state.emergency, clockTime), lists && `${say(lists.headline)} · ${say(lists.next_step)}`, late, sync.problem && say(sync.problem.text)]
      .filter(Boolean).join(" — ");
  }
  if (byId("trouble").textContent !== text) byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

function drawLane(lane) {
  const panel = element("section", "lane-panel");
  panel.id = `lane-${lane.number}`;
  panel.setAttribute("aria-labelledby", `lane-name-${lane.number}`);
  const name = element("h2", "", say(lane.name));
  name.id = `lane-name-${lane.number}`;
  if (forVisitors) {
    panel.append(name, lane.challenge ? drawChallenge(lane.challenge) : drawIdle());
    return panel;
  }
  panel.append(name, drawLaneBar(lane), ...lane.faults.map(drawFault));
  if (lane.challenge) panel.append(drawChallenge(lane.challenge));
  const broken = new Set(lane.faults.map((fault) => fault.reason));
  const answers = lane.answers.filter((answer) => !broken.has(answer.reason));
  if (!lane.faults.length && (state.closed || !answers.length)) panel.append(drawIdle());
  if (answers.length) {
    const list = element("ol");
    list.append(...answers.map((answer) => drawAnswer(lane, answer)));
    panel.append(list);
  }
  return panel;
}

// The visitor reads it off this screen; each digit is told apart by a screen reader too.
function drawChallenge(digits) {
  const box = element("p", "challenge");
  const shown = element("strong", "figures", `${digits.slice(0, 3)} ${digits.slice(3)}`);
  shown.setAttribute("role", "img");
  shown.setAttribute("aria-label", [...digits].join(" "));
  box.append(element("span", "", words().challenge), shown);
  return box;
}

function drawFault(fault) {
  const box = element("div", "fault");
  const text = element("p");
  text.append(
    element("strong", "", say(fault.headline)),
    `${words().since(clockTime(fault.since))} · ${say(fault.next_step)}`,
  );
  box.append(shape("system"), text);
  return box;
}

function drawAnswer(lane, answer) {
  const item = element("li", lane.annulled.includes(answer.id) ? "annulled" : "");
  item.dataset.verdict = answer.verdict;
  const when = element("span", "when figures");
  const time = element("time", "", clockTime(answer.at));
  time.dateTime = answer.at;
  const proof = words().proof[answer.detail.card_proof];
  when.append(time, ` · ${words()[answer.medium]}`, proof ? ` · ${proof}` : "");
  item.append(shape(shapeOf(answer)), element("span", "headline", say(answer.headline)), when);
  if (answer.next_step) item.append(element("span", "next-step", say(answer.next_step)));
  if (answer.note) item.append(element("span", "next-step note", say(answer.note)));
  item.append(drawAnswerActs(lane, answer));
  return item;
}

function wanted(lane) {
  return onlyLane === null || lane.number === onlyLane;
}

function drawLanes() {
  keepFocus(() => byId("lanes").replaceChildren(...state.lanes.filter(wanted).map(drawLane)));
}

// What is drawn anew must not take the keyboard away from who is working with it.
function keepFocus(draw) {
  const focused = document.activeElement?.id;
  draw();
  if (focused) byId(focused)?.focus();
}

function drawAll() {
  drawHead();
  drawDesk();
  if (state) drawLanes();
  if (shown) fillScreen(shown);
}

// ---- the answer over the whole screen --------------------------------------------------------

function fillScreen(answer) {
  const screen = byId("answer");
  const lane = state.lanes.find((known) => known.number === answer.lane);
  screen.dataset.verdict = answer.verdict;
  screen.querySelector("use").setAttribute("href", `#shape-${shapeOf(answer)}`);
  screen.querySelector(".lane").textContent = say(lane.name);
  const lines = say(answer.headline).split(" · ").map((line) => element("span", "", line));
  screen.querySelector(".headline").replaceChildren(...lines);
  const forStaff = forVisitors && answer.verdict === "look";  // what to check is not the visitor's task
  screen.querySelector(".next-step").textContent = forStaff ? "" : say(answer.next_step);
  screen.hidden = false;
  fit(screen);
}

// As large as the screen allows: each line of the headline whole if it can be, wrapped if not.
function fit(screen) {
  const text = screen.querySelector(".words");
  const fits = () => text.scrollWidth <= text.clientWidth
    && text.offsetTop + text.offsetHeight + EDGE <= screen.clientHeight && text.offsetTop >= EDGE;
  // A line breaks at a space or a mark; within a word only where nothing else fits.
  for (const [wraps, breaks, most, least] of [[false, false, 1.5, 0.7], [true, false, 1, 0.4], [true, true, 1, 0.4]]) {
    screen.classList.toggle("wraps", wraps);
    screen.classList.toggle("breaks", breaks);
    for (let scale = most; scale >= least; scale -= 0.05) {
      screen.style.setProperty("--scale", scale);
      if (fits()) return;
    }
  }
}

function shrink() {
  shown = null;
  byId("answer").hidden = true;
}

function announce(answer) {
  const lane = state.lanes.find((known) => known.number === answer.lane);
  const text = [say(lane.name), say(answer.headline), say(answer.next_step)].join(" ");
  const urgent = answer.verdict === "refuse" || answer.verdict === "system";
  byId("said").textContent = urgent ? "" : text;
  byId("warned").textContent = urgent ? text : "";
}

function take(answer) {
  const lane = state.lanes.find((known) => known.number === answer.lane);
  if (!lane || !wanted(lane)) return;
  const isNew = lane.answers[0]?.id !== answer.id;
  if (isNew && !answer.again) {
    lane.answers = [answer, ...lane.answers].slice(0, 5);
    if (answer.annuls) lane.annulled = [...lane.annulled, answer.annuls];
    keepFocus(() => byId(`lane-${lane.number}`).replaceWith(drawLane(lane)));
    announce(answer);
    play(answer, byId("answer"));
  }
  shown = answer;
  shownUntil = performance.now() + SHOWN_MS;
  fillScreen(answer);
}

// ---- news from the service -------------------------------------------------------------------

function setOffline(value) {
  offline = value;
  drawTrouble();
}

function keepTime(now) {
  clockLead = Date.parse(now) - Date.now();
}

function listen() {
  const events = new EventSource("/api/events");
  const on = (name, handle) => events.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  on("state", (whole) => { state = whole; keepTime(whole.now); setOffline(false); drawAll(); });
  on("status", (status) => {
    const named = JSON.stringify(state.venue) !== JSON.stringify(status.venue);
    const turned = JSON.stringify(state.closed) !== JSON.stringify(status.closed);
    Object.assign(state, status);
    keepTime(status.now);
    drawHead();
    drawDesk();
    if (turned) drawLanes();
    if (named) listenAgain(events);
  });
  on("lane", (lane) => {
    Object.assign(state.lanes.find((known) => known.number === lane.number), lane);
    drawLanes();
  });
  on("answer", take);
  events.onerror = () => {
    setOffline(true);
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

// The venue's rules came or changed, and the lanes' names with them.
function listenAgain(events) {
  events.close();
  listen();
}

byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  drawAll();
});
byId("sound").addEventListener("click", async () => {
  await allowSound();
  byId("sound").setAttribute("aria-pressed", "true");
  play({ verdict: "admit" });
});
addEventListener("resize", () => { if (shown) fit(byId("answer")); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") shrink(); });
setInterval(() => {
  drawState();
  if (shown && performance.now() > shownUntil) shrink();
}, 250);

document.body.classList.toggle("visitors", forVisitors);
drawHead();
const learn = (news) => { Object.assign(state, news); drawHead(); drawDesk(); };
startDesk({ state: () => state, learn, redraw: () => { if (state) drawLanes(); }, age, time: clockTime }, { kiosk: query.has("kiosk") });
listen();
