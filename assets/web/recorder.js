// Recording in the browser: a level meter, the keyboard, and a microphone that is closed when nobody looks.
// What was recorded goes as WAV to the address in data-take; all words stand in what the server sends.
(() => {
  const { address, complain, go, say, stopPlaying, trouble } = window.presenter;
  const recorderHere = () => document.querySelector("#studio .recorder:not(.shoot)");

  // --- the microphone ---

  const BLOCKS = `registerProcessor("blocks", class extends AudioWorkletProcessor {
    process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; }
  });`;

  const microphone = {
    stream: null,
    context: null,
    analyser: null,
    taken: null, // blocks of samples while a recording runs
    peak: -90,

    async open() {
      if (this.stream) return;
      if (!window.isSecureContext) throw new DOMException("", "insecure");
      if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotSupportedError");
      // The voice as it is: what browsers do to calls would be learnt as part of the voice.
      const wish = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: wish });
      try {
        const context = new AudioContext();
        const module = URL.createObjectURL(new Blob([BLOCKS], { type: "text/javascript" }));
        await context.audioWorklet.addModule(module);
        URL.revokeObjectURL(module);
        const source = context.createMediaStreamSource(stream);
        this.analyser = new AnalyserNode(context, { fftSize: 2048 });
        const blocks = new AudioWorkletNode(context, "blocks", { channelCount: 1, channelCountMode: "explicit" });
        blocks.port.onmessage = (event) => this.taken?.push(event.data);
        source.connect(this.analyser);
        source.connect(blocks).connect(context.destination); // silent, but only what is connected runs
        await context.resume();
        this.context = context;
      } catch (error) {
        stream.getTracks().forEach((track) => track.stop());
        throw error;
      }
      this.stream = stream;
      stream.getAudioTracks()[0].addEventListener("ended", () => lost());
      requestAnimationFrame(measure);
    },

    close() {
      this.stream?.getTracks().forEach((track) => track.stop());
      this.context?.close();
      this.stream = this.context = this.analyser = this.taken = null;
      redraw();
    },
  };

  const wav = (blocks, rate) => {
    const count = blocks.reduce((sum, block) => sum + block.length, 0);
    const view = new DataView(new ArrayBuffer(44 + 2 * count));
    const word = (at, text) => [...text].forEach((char, i) => view.setUint8(at + i, char.charCodeAt(0)));
    word(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); word(8, "WAVEfmt ");
    view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
    view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true);
    view.setUint16(32, 2, true); view.setUint16(34, 16, true);
    word(36, "data"); view.setUint32(40, 2 * count, true);
    let at = 44;
    for (const block of blocks) {
      for (const value of block) {
        view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(value * 32768))), true);
        at += 2;
      }
    }
    return new Blob([view], { type: "audio/wav" });
  };

  // --- the recorder: off, opening, ready, recording, sending ---

  let state = "off";
  let began = 0;
  let told = 0;

  const set = (next) => {
    state = next;
    redraw();
  };

  const redraw = () => {
    const recorder = recorderHere();
    if (!recorder) return;
    const shown = state === "off" && microphone.stream ? "ready" : state;
    recorder.dataset.state = shown;
    const button = recorder.querySelector("[data-record]");
    const words = recorder.querySelector(`[data-word="${shown}"]`) ?? recorder.querySelector("[data-word=off]");
    const label = button.querySelector("[data-label]");
    if (label.textContent !== words.textContent) label.textContent = words.textContent;
    button.setAttribute("aria-disabled", String(shown === "opening" || shown === "sending"));
    if (!microphone.stream) {
      recorder.querySelector("[data-level]").style.width = "0%";
      recorder.querySelector("[data-advice]").textContent = "";
      recorder.querySelector("[data-clock]").textContent = "";
    }
  };

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  // Run at every picture of the screen while the microphone is open.
  const measure = () => {
    if (!microphone.stream) return;
    const recorder = recorderHere();
    if (!recorder || !recorder.offsetParent) { // another tab of the page: nobody is listened to unseen
      if (state === "recording") microphone.taken = null;
      state = "off";
      microphone.close();
      return;
    }
    const samples = new Float32Array(microphone.analyser.fftSize);
    microphone.analyser.getFloatTimeDomainData(samples);
    let power = 0;
    let peak = 0;
    for (const value of samples) {
      power += value * value;
      peak = Math.max(peak, Math.abs(value));
    }
    const level = 10 * Math.log10(power / samples.length + 1e-9);
    // Falls slowly, as the needle of a meter does, so that it can be read.
    microphone.peak = Math.max(level, microphone.peak - 0.6);
    const share = Math.max(0, Math.min(100, (100 * (microphone.peak + 60)) / 60));
    const zone = peak > 0.98 ? "loud" : microphone.peak < -38 ? "quiet" : "fine";
    recorder.querySelector("[data-level]").style.width = `${share}%`;
    const now = performance.now();
    if (now - told > 400 || zone === "loud") {
      told = zone === "loud" ? now + 1000 : now; // too loud is left standing long enough to be read
      const silent = zone === "quiet" && state !== "recording";
      const advice = silent ? "" : recorder.querySelector(`[data-zone="${zone}"]`).textContent;
      recorder.querySelector("[data-advice]").textContent = advice;
      recorder.querySelector("[data-meter]").dataset.now = silent ? "" : zone;
      recorder.querySelector("[data-meter]").setAttribute("aria-valuenow", String(Math.round(share)));
      recorder.querySelector("[data-meter]").setAttribute("aria-valuetext", advice || "-");
    }
    if (state === "recording") {
      const seconds = (now - began) / 1000;
      const limit = Number(recorder.dataset.limit);
      recorder.querySelector("[data-clock]").textContent = `${clock(seconds)} / ${clock(limit)}`;
      if (seconds >= limit) stop();
    } else recorder.querySelector("[data-clock]").textContent = "";
    requestAnimationFrame(measure);
  };

  const lost = () => {
    if (state === "recording") complain(trouble("NotReadableError"), recorderHere());
    state = "off";
    microphone.close();
  };

  const record = async () => {
    stopPlaying();
    set("opening");
    try {
      await microphone.open();
    } catch (error) {
      set("off");
      complain(trouble(error.name in NAMES ? NAMES[error.name] : error.name), recorderHere());
      return;
    }
    recorderHere()?.closest("[data-part]")?.querySelector("[data-message]")?.replaceChildren();
    microphone.taken = [];
    began = performance.now();
    set("recording");
  };
  const NAMES = { SecurityError: "NotAllowedError", OverconstrainedError: "NotFoundError", AbortError: "NotReadableError" };

  const stop = async () => {
    if (state !== "recording") return;
    set("sending");
    await new Promise((done) => setTimeout(done, 200)); // people press the key on the last syllable
    const blocks = microphone.taken ?? [];
    const rate = microphone.context?.sampleRate ?? 48000;
    microphone.taken = null;
    const recorder = recorderHere();
    if (recorder) await hand(recorder, wav(blocks, rate));
    if (recorder?.hasAttribute("data-once")) microphone.close();
    set("off");
  };

  // The words of a free recording go in front of its sound; a header says how many bytes they are.
  const hand = (place, sound) => {
    const field = place.closest("[data-part]")?.querySelector("textarea[data-words]");
    const words = new Blob([field?.value ?? ""]);
    if (sound.size > Number(place.closest("[data-largest]")?.dataset.largest ?? Infinity)) return complain(trouble("size"), place);
    const headers = { "Content-Type": "application/octet-stream", "X-Presenter-Words": String(words.size) };
    return go(address(place, place.dataset.take), new Blob([words, sound]), place, { headers });
  };

  // --- a text that is good for some minutes ---

  const count = () => {
    for (const place of document.querySelectorAll("#studio [data-left]")) {
      place.over ??= performance.now() + 1000 * Number(place.dataset.left);
      const left = Math.max(0, (place.over - performance.now()) / 1000);
      place.textContent = clock(Math.ceil(left));
      if (left || place.nextElementSibling?.hidden === false) continue;
      place.nextElementSibling.hidden = false;
      say(place.nextElementSibling.textContent);
    }
  };
  setInterval(count, 1000);

  // --- events ---

  const clicked = (event) => {
    const target = event.target.closest("button");
    if (!target || target.getAttribute("aria-disabled") === "true") return;
    if (target.hasAttribute("data-record")) state === "recording" ? stop() : record();
    else if (target.hasAttribute("data-off")) microphone.close();
  };

  const chosen = async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-take]") || !input.files.length) return;
    await hand(input, input.files[0]);
    input.value = "";
  };

  const escaped = (event) => {
    if (event.key !== "Escape" || state !== "recording") return;
    microphone.taken = null;
    set("off");
    say(document.querySelector("[data-word=dropped]")?.textContent);
  };

  // Another screen came: without a recorder on it nobody is listened to.
  const put = () => {
    if (microphone.stream && !recorderHere()) microphone.close();
    redraw();
  };

  document.addEventListener("click", clicked);
  document.addEventListener("change", chosen);
  document.addEventListener("keydown", escaped);
  document.addEventListener("presenter:put", put);
  document.addEventListener("presenter:leaving", stopPlaying);
  window.addEventListener("pagehide", () => microphone.close());
})();
