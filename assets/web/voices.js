// The Voices tab in the browser: it asks the server for screens (ready HTML), puts them into place, and
// records. All words stand in what the server sends; nothing here builds text from data.
(() => {
  const memory = {};

  // Who knows this key may use the recordings that were made with it. It never stands in an address.
  const key = () => {
    const make = () => {
      const bytes = crypto.getRandomValues(new Uint8Array(24));
      return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
    };
    try {
      if (!localStorage.getItem("presenter-key")) localStorage.setItem("presenter-key", make());
      return localStorage.getItem("presenter-key");
    } catch {
      return (memory.key ??= make()); // storage is switched off: the key lasts as long as this page
    }
  };
  window.presenterKey = key;

  let root = null;
  let player = null;
  let polling = 0;

  const say = (text) => {
    const region = document.getElementById("spoken");
    if (region && text) region.textContent = text;
  };

  // --- asking the server ---

  const trouble = (name) => {
    const kept = root.querySelector(`template[data-trouble="${name}"]`);
    return (kept ?? root.querySelector("template[data-trouble=connection]")).innerHTML;
  };

  const ask = async (path, body, headers = {}) => {
    try {
      return await fetch(`voices/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "X-Presenter-Key": key(), ...headers },
        body, cache: "no-store", credentials: "same-origin",
      });
    } catch {
      return null; // the server is gone, or the network
    }
  };

  const complain = (html, near) => {
    const place = near?.closest("[data-part]")?.querySelector("[data-message]") ?? root.querySelector("[data-message]");
    place.innerHTML = html;
    place.scrollIntoView({ block: "nearest" });
  };

  const show = (html) => {
    clearTimeout(polling);
    const screen = root.querySelector(".screen");
    const old = screen.firstElementChild;
    const before = old?.dataset.screen;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const now = fresh.content.firstElementChild;
    if (before === "making" && now.dataset.screen === "making") {
      old.querySelector("p").replaceWith(now.querySelector("p")); // the bar goes on moving
      if (old.dataset.say !== now.dataset.say) say(now.dataset.say);
      old.dataset.say = now.dataset.say;
    } else {
      stopPlaying();
      screen.replaceChildren(now);
      if (before && now.dataset.screen !== before) root.scrollIntoView({ block: "nearest" });
      if (!now.querySelector(".recorder")) microphone.close();
      if (before) arrive(now);
    }
    const wait = screen.querySelector("[data-poll]");
    if (wait) polling = setTimeout(() => go(wait.dataset.poll, undefined, wait), 1000);
    redraw();
  };

  // A new screen that somebody asked for: where the keyboard goes on, and what is told of it.
  const arrive = (now) => {
    const focus = now.querySelector("[data-focus]");
    focus?.focus({ preventScroll: true });
    focus?.closest(".take, .ending, .stand, .panel")?.scrollIntoView({ block: "nearest" });
    say(now.dataset.say);
  };

  const menuChanged = () => document.getElementById("voices-changed")?.click();

  const go = async (path, body, near, headers) => {
    near?.setAttribute("aria-busy", "true");
    const answer = await ask(path, body, headers);
    near?.removeAttribute("aria-busy");
    const text = answer ? await answer.text() : "";
    if (answer?.ok) {
      if (answer.headers.get("X-Presenter-Changed")) menuChanged();
      show(text);
      return;
    }
    const foreign = !answer?.headers.get("content-type")?.startsWith("text/html");
    complain(foreign ? trouble("connection") : text, near);
    if (foreign && near?.dataset.poll) polling = setTimeout(() => go(path, body, near, headers), 5000);
  };

  const fields = (form, button) => JSON.stringify(Object.fromEntries(new FormData(form, button)));
  const JSON_TYPE = { "Content-Type": "application/json" };

  // --- playing ---

  const stopPlaying = () => {
    if (!player) return;
    player.sound?.pause();
    if (player.address) URL.revokeObjectURL(player.address);
    player.button.removeAttribute("aria-busy");
    player.button.classList.remove("playing");
    player = null;
  };

  // Sound comes with the key in a header, so it is fetched and played from memory.
  const play = async (button) => {
    const again = player?.button === button;
    stopPlaying();
    if (again) return;
    const mine = (player = { button });
    button.setAttribute("aria-busy", "true");
    const form = button.closest("form");
    const body = form && button.type === "submit" ? fields(form, button) : undefined;
    const answer = await ask(button.dataset.play, body, body && JSON_TYPE);
    if (player !== mine) return;
    button.removeAttribute("aria-busy");
    if (!answer?.ok) {
      stopPlaying();
      const html = answer?.headers.get("content-type")?.startsWith("text/html");
      complain(html ? await answer.text() : trouble("connection"), button);
      return;
    }
    mine.address = URL.createObjectURL(await answer.blob());
    mine.sound = new Audio(mine.address);
    mine.sound.addEventListener("ended", stopPlaying);
    button.classList.add("playing");
    button.closest("[data-part]")?.querySelector("[data-message]")?.replaceChildren();
    mine.sound.play().catch(stopPlaying);
  };

  const download = async (link) => {
    link.setAttribute("aria-busy", "true");
    const answer = await ask(link.dataset.download);
    link.removeAttribute("aria-busy");
    if (!answer?.ok) {
      complain(answer ? await answer.text() : trouble("connection"), link);
      return;
    }
    const address = URL.createObjectURL(await answer.blob());
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = link.dataset.name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };

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
    const recorder = root?.querySelector(".recorder");
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
    const recorder = root.querySelector(".recorder");
    if (!recorder || !root.offsetParent) { // another tab of the page: nobody is listened to unseen
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
    if (state === "recording") complain(trouble("NotReadableError"), root.querySelector(".recorder"));
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
      complain(trouble(error.name in NAMES ? NAMES[error.name] : error.name), root.querySelector(".recorder"));
      return;
    }
    root.querySelector(".recorder")?.closest("[data-part]").querySelector("[data-message]").replaceChildren();
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
    const recorder = root.querySelector(".recorder");
    if (recorder) await hand(recorder, wav(blocks, rate));
    set("off");
  };

  // The words of a free recording go in front of its sound; a header says how many bytes they are.
  const hand = (place, sound) => {
    const field = place.closest("[data-part]").querySelector("textarea[data-words]");
    const words = new Blob([field?.value ?? ""]);
    if (sound.size > Number(root.dataset.largest)) return complain(trouble("size"), place);
    const headers = { "Content-Type": "application/octet-stream", "X-Presenter-Words": String(words.size) };
    return go(place.dataset.take, new Blob([words, sound]), place, headers);
  };

  // --- events ---

  const clicked = (event) => {
    const target = event.target.closest("button, [role=button]");
    if (!target || target.getAttribute("aria-disabled") === "true" || target.getAttribute("aria-busy") === "true") return;
    if (target.hasAttribute("data-record")) state === "recording" ? stop() : record();
    else if (target.hasAttribute("data-off")) microphone.close();
    else if (target.dataset.play && target.type !== "submit") play(target);
    else if (target.dataset.download) download(target);
    else if (target.dataset.get) go(target.dataset.get, undefined, target);
    else if (target.dataset.post && target.type !== "submit") go(target.dataset.post, target.dataset.body ?? "{}", target, JSON_TYPE);
  };

  const submitted = (event) => {
    event.preventDefault();
    const button = event.submitter ?? event.target.querySelector("[type=submit]");
    if (button.getAttribute("aria-busy") === "true") return;
    if (button.dataset.play) play(button);
    else go(button.dataset.post ?? event.target.dataset.post, fields(event.target, button), button, JSON_TYPE);
  };

  const chosen = async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file]") || !input.files.length) return;
    await hand(input, input.files[0]);
    input.value = "";
  };

  const escaped = (event) => {
    if (event.key !== "Escape" || state !== "recording") return;
    microphone.taken = null;
    set("off");
    say(root.querySelector("[data-word=dropped]")?.textContent);
  };

  window.presenterVoices = (element) => {
    root = element.querySelector("#voices");
    root.addEventListener("click", clicked);
    root.addEventListener("submit", submitted);
    root.addEventListener("change", chosen);
    document.addEventListener("keydown", escaped);
    window.addEventListener("pagehide", () => microphone.close());
    go("home");
  };
})();
