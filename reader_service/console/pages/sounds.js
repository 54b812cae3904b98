// Signals told apart without reading: tones, vibration and light, as signals.json has them: tones as
// [hertz, after, seconds], vibration as the device takes it, light as milliseconds dim and bright.
const LOUDNESS = 0.4;

let signals = { verdicts: {}, reasons: {} };
let context = null;
fetch("/pages/signals.json").then((answer) => answer.json()).then((read) => { signals = read; }).catch(() => {});

// Browsers allow sound only after a press, so this is called from the button.
export function allowSound() {
  context ??= new AudioContext();
  return context.resume();
}

// The reason's own signal where it has one, else its verdict's; `screen` is what the light is of.
export function play({ verdict, reason }, screen) {
  const { tones = [], vibration = [], light = [] } = signals.reasons[reason] ?? signals.verdicts[verdict] ?? {};
  if (vibration.length) navigator.vibrate?.(vibration);
  shine(light, screen);
  if (context?.state !== "running") return;
  for (const [hertz, after, seconds] of tones) {
    const start = context.currentTime + after;
    const tone = new OscillatorNode(context, { frequency: hertz });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setTargetAtTime(LOUDNESS, start, 0.01);
    volume.gain.setTargetAtTime(0, start + seconds, 0.02);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + seconds + 0.2);
  }
}

function shine(light, screen) {
  const whole = light.reduce((sum, part) => sum + part, 0);
  if (!whole || !screen || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  let passed = 0;
  const frames = light.flatMap((part, at) => {
    const brightness = at % 2 ? "brightness(1)" : "brightness(0.8)";
    const from = passed / whole;
    passed += part;
    return [{ offset: from, filter: brightness }, { offset: passed / whole, filter: brightness }];
  });
  screen.animate(frames, whole);
}
