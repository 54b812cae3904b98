// Tones told apart without looking: rising admits, falling refuses, one long asks to look.
const TONES = {
  admit: [[660, 0, 0.14], [880, 0.16, 0.2]],
  look: [[587, 0, 0.6]],
  refuse: [[440, 0, 0.2], [277, 0.22, 0.34]],
  again: [[1000, 0, 0.05]],
  system: [],
};
const LOUDNESS = 0.4;

let context = null;

// Browsers allow sound only after a press, so this is called from the button.
export function allowSound() {
  context ??= new AudioContext();
  return context.resume();
}

export function play(verdict) {
  if (context?.state !== "running") return;
  for (const [hertz, after, seconds] of TONES[verdict]) {
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
