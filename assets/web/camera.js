// A film in the browser: the picture of the camera, the keyboard, and a camera that is closed when nobody looks.
// What was filmed goes as WebM (or MP4) to the address in data-film; all words stand in what the server sends.
(() => {
  const { address, complain, go, say, stopPlaying, trouble } = window.presenter;
  const here = () => document.querySelector("#studio .recorder.shoot");

  const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
  const NAMES = { SecurityError: "NotAllowedError", OverconstrainedError: "NotFoundError", AbortError: "NotReadableError" };
  const KNOWN = ["NotAllowedError", "NotFoundError", "NotReadableError", "insecure"];

  let stream = null;
  let tape = null; // the MediaRecorder while a film runs
  let began = 0;
  let state = "off";

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  const set = (next) => {
    state = next;
    redraw();
  };

  const redraw = () => {
    const recorder = here();
    if (!recorder) return;
    recorder.dataset.state = state;
    const button = recorder.querySelector("[data-shoot]");
    const label = button.querySelector("[data-label]");
    const word = recorder.querySelector(`[data-word="${state}"]`).textContent;
    if (label.textContent !== word) label.textContent = word;
    button.setAttribute("aria-disabled", String(state === "opening" || state === "sending"));
    const video = recorder.querySelector("video");
    video.hidden = !stream;
    if (video.srcObject !== stream) video.srcObject = stream;
    if (stream && video.paused) video.play().catch(() => {});
  };

  const close = () => {
    if (tape && tape.state !== "inactive") tape.stop();
    tape = null;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    if (state !== "sending") state = "off";
    redraw();
  };

  const open = async () => {
    stopPlaying();
    set("opening");
    try {
      if (!window.isSecureContext) throw new DOMException("", "insecure");
      if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new DOMException("", "NotSupportedError");
      // The voice as it is: what browsers do to calls would be heard as another voice.
      const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
      stream = await navigator.mediaDevices.getUserMedia({ audio, video });
      stream.getTracks().forEach((track) => track.addEventListener("ended", lost));
      set("ready");
      requestAnimationFrame(watch);
    } catch (error) {
      close();
      const name = NAMES[error.name] ?? error.name;
      complain(trouble(`camera-${KNOWN.includes(name) ? name : "NotSupportedError"}`), here());
    }
  };

  const lost = () => {
    if (state === "recording" || state === "ready") complain(trouble("camera-NotReadableError"), here());
    close();
  };

  // Run at every picture of the screen while the camera is open.
  const watch = () => {
    if (!stream) return;
    const recorder = here();
    if (!recorder?.offsetParent) return close(); // another view of the page: nobody is filmed unseen
    const seconds = (performance.now() - began) / 1000;
    const limit = Number(recorder.dataset.limit);
    const shown = state === "recording" ? `${clock(seconds)} / ${clock(limit)}` : "";
    const place = recorder.querySelector("[data-clock]");
    if (place.textContent !== shown) place.textContent = shown;
    if (state === "recording" && seconds >= limit - 1) stop(); // the server refuses what is longer than the limit
    requestAnimationFrame(watch);
  };

  const record = () => {
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const parts = [];
    tape = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 4e6, audioBitsPerSecond: 128e3 });
    tape.addEventListener("dataavailable", (event) => parts.push(event.data));
    tape.film = new Promise((done) => tape.addEventListener("stop", () => done(new Blob(parts)), { once: true }));
    here().closest("[data-part]").querySelector("[data-message]").replaceChildren();
    tape.start();
    began = performance.now();
    set("recording");
  };

  const stop = async () => {
    if (state !== "recording") return;
    const running = tape;
    set("sending");
    await new Promise((done) => setTimeout(done, 300)); // people press the key on the last syllable
    if (running.state !== "inactive") running.stop();
    const film = await running.film;
    const recorder = here();
    if (recorder) await hand(recorder, film);
    state = "off";
    close();
  };

  const hand = (place, film) => {
    if (film.size > Number(place.dataset.largest)) return complain(trouble("size"), place);
    const headers = { "Content-Type": "application/octet-stream" };
    return go(address(place, place.dataset.film), film, place, { headers });
  };

  const clicked = (event) => {
    const target = event.target.closest("button");
    if (!target || target.getAttribute("aria-disabled") === "true") return;
    if (target.hasAttribute("data-close")) return close();
    if (!target.hasAttribute("data-shoot")) return;
    if (state === "recording") stop();
    else if (state === "ready") record();
    else open();
  };

  const chosen = async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-film]") || !input.files.length) return;
    await hand(input, input.files[0]);
    input.value = "";
  };

  const escaped = (event) => {
    if (event.key !== "Escape" || state !== "recording") return;
    const running = tape;
    tape = null;
    running.stop();
    set("ready");
    say(here()?.querySelector("[data-word=dropped]")?.textContent);
  };

  // Another screen came: without a recorder on it nobody is filmed.
  const put = () => {
    if (stream && !here()) close();
    else redraw();
  };

  document.addEventListener("click", clicked);
  document.addEventListener("change", chosen);
  document.addEventListener("keydown", escaped);
  document.addEventListener("presenter:put", put);
  window.addEventListener("pagehide", close);
})();
