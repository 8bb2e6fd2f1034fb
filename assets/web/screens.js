// The page in the browser: it asks the server for screens (ready HTML) and puts them into their places.
// All words stand in what the server sends; nothing here builds text from data.
//
// data-place   what is replaced by an element of the same place that comes with an answer
// data-base    where the addresses of an element and of those inside of it begin
// data-get, data-post, data-body   the screen that a button leads to, and what is sent
// data-change  a field that is sent to that address as soon as it is changed
// data-save    a text that is sent to that address when nobody has typed for a moment
// data-file    an input of files: each file goes to that address as it is
// data-poll    asked for again after data-every milliseconds
// data-play, data-download, data-copy   a sound, a file, a text for the clipboard
// data-say     what a screen reader is told; data-focus: what the keyboard goes on with
// data-add     words for the field that data-into names
(() => {
  const memory = {};
  const JSON_TYPE = { "Content-Type": "application/json" };

  const kept = (name, value) => {
    try {
      if (value !== undefined) localStorage.setItem(name, value);
      return localStorage.getItem(name) ?? memory[name];
    } catch {
      return value === undefined ? memory[name] : (memory[name] = value); // storage is switched off
    }
  };

  // Who knows this key may use what was made with it. It never stands in an address.
  const key = () => {
    const known = kept("presenter-key");
    if (known) return known;
    const bytes = crypto.getRandomValues(new Uint8Array(24));
    return kept("presenter-key", btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_"));
  };
  key();

  let root = null;

  // --- telling ---

  const spoken = () => document.getElementById("spoken");
  const say = (text) => {
    if (text && spoken() && spoken().textContent !== text) spoken().textContent = text;
  };

  const trouble = (name) => {
    const template = root.querySelector(`template[data-trouble="${name}"]`);
    return (template ?? root.querySelector("template[data-trouble=connection]"))?.innerHTML ?? "";
  };

  const complain = (html, near) => {
    const place = near?.closest("[data-part]")?.querySelector("[data-message]") ?? root.querySelector("[data-message]");
    if (!place) return;
    place.innerHTML = html;
    place.scrollIntoView({ block: "nearest" });
  };

  const lost = (gone) => {
    const banner = document.getElementById("lost");
    if (banner && banner.hidden === gone) {
      banner.hidden = !gone;
      say(gone ? banner.textContent : banner.dataset.back);
    }
  };

  // --- asking the server ---

  const ask = async (address, body, headers = {}) => {
    try {
      const answer = await fetch(address, {
        method: body === undefined ? "GET" : "POST",
        headers: { "X-Presenter-Key": key(), "X-Presenter-Language": kept("presenter-language") ?? "", ...headers },
        body, cache: "no-store", credentials: "same-origin",
      });
      lost(false);
      return answer;
    } catch {
      lost(true);
      return null; // the server is gone, or the network
    }
  };

  const address = (element, path) => (element?.closest("[data-base]")?.dataset.base ?? "studio/") + path;

  const waiting = new Map(); // place -> timer
  const shown = new WeakMap(); // element of a place -> the HTML that it came as

  // Puts an answer into its places. What has not changed is left alone: a video goes on playing.
  const put = (html, near, asked) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const held = document.activeElement?.id;
    const draft = root.querySelector("form[data-post=lessons] textarea[data-send]")?.value;
    const changed = [];
    for (const now of [...fresh.content.children]) {
      const name = now.dataset.place;
      const old = name ? root.querySelector(`[data-place="${name}"]`) : near?.closest("[data-place]");
      if (!old) continue;
      const text = now.outerHTML;
      if (shown.get(name ? old : old.firstElementChild) === text) {
        watch(old);
        continue;
      }
      shown.set(now, text);
      document.dispatchEvent(new CustomEvent("presenter:leaving", { detail: { old, now } }));
      name ? old.replaceWith(now) : old.replaceChildren(now);
      changed.push(now);
    }
    changed.forEach(watch);
    document.dispatchEvent(new CustomEvent("presenter:put", { detail: { changed, asked } }));
    for (const now of changed) {
      // A bar that only moves goes on where the one before it was.
      for (const bar of now.querySelectorAll("progress:not([value])")) bar.style.animationDelay = `-${performance.now() % 2000}ms`;
      const wanted = asked ? now.querySelector("[data-focus]") : null;
      wanted?.focus({ preventScroll: true });
      wanted?.closest("section, form, li")?.scrollIntoView({ block: "nearest" });
      for (const log of [...now.querySelectorAll("[data-end]"), now.closest("[data-end]")]) if (log) log.scrollTop = log.scrollHeight;
      if (now.dataset.add) add(now);
      const teller = now.matches("[data-say]") ? now : now.querySelector("[data-say]");
      say(teller?.dataset.say);
    }
    const field = root.querySelector("textarea[data-send]");
    if (draft && field && !field.value) field.value = draft; // the lesson that was begun came while it was written
    if (held && document.activeElement === document.body) document.getElementById(held)?.focus({ preventScroll: true });
    return changed;
  };

  const watch = (element) => {
    const poll = element.matches("[data-poll]") ? element : element.querySelector("[data-poll]");
    const name = element.dataset.place ?? "";
    clearTimeout(waiting.get(name));
    if (!poll) return;
    const again = async () => {
      if (!poll.isConnected) return;
      if (!(await go(address(poll, poll.dataset.poll), undefined, poll, { quiet: true }))) {
        waiting.set(name, setTimeout(again, 3000));
      }
    };
    waiting.set(name, setTimeout(again, Number(poll.dataset.every ?? 1000)));
  };

  const isHtml = (answer) => answer?.headers.get("content-type")?.startsWith("text/html");

  // Asks for a screen and puts it into place; gives "done", "refused", or "" where nothing came back.
  const go = async (where, body, near, { headers, quiet } = {}) => {
    if (!quiet) near?.setAttribute("aria-busy", "true");
    const answer = await ask(where, body, headers);
    near?.removeAttribute("aria-busy");
    const text = answer ? await answer.text() : "";
    if (answer?.ok) {
      root.querySelectorAll("[data-message]").forEach((place) => { if (!quiet && place.firstChild && near?.closest("[data-part]")?.contains(place)) place.replaceChildren(); });
      const onward = answer.headers.get("X-Presenter-Goto");
      put(text, near, !quiet);
      if (onward) location.hash = onward;
      return "done";
    }
    const foreign = !isHtml(answer);
    if (!quiet || !foreign) complain(foreign ? trouble("connection") : text, near);
    return foreign ? "" : "refused"; // which is not asked for again by itself
  };

  const fields = (form, button) => JSON.stringify(Object.fromEntries(new FormData(form, button)));

  // --- views ---

  const view = () => decodeURIComponent(location.hash.slice(1)) || "lesson";

  const mark = () => {
    const here = view().split("/")[0];
    for (const link of root.querySelectorAll("nav a[data-view]")) {
      link.dataset.view === here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    }
  };

  const open = async (asked) => {
    if (!root.querySelector("[data-place=view]")) return start();
    mark();
    const worked = await go(`studio/view/${encodeURI(view())}`, undefined, root.querySelector("[data-place=view]"));
    if (worked && asked) {
      scrollTo({ top: 0 });
      if (!root.querySelector("[data-focus]")) root.querySelector("[data-place=view] h1")?.focus({ preventScroll: true });
    }
  };

  const start = async () => {
    const answer = await (early ?? ask(`studio/start?view=${encodeURIComponent(view())}`));
    early = null;
    if (!answer?.ok) {
      if (isHtml(answer)) root.innerHTML = await answer.text();
      setTimeout(start, 3000);
      return;
    }
    put(await answer.text(), null, false);
    mark();
    document.documentElement.lang = root.querySelector("[data-place=app]")?.lang || "en";
    document.documentElement.dataset.ready = "yes";
  };

  // --- sounds, files, the clipboard ---

  let player = null;

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
    const answer = await ask(address(button, button.dataset.play), body, body && JSON_TYPE);
    if (player !== mine) return;
    button.removeAttribute("aria-busy");
    if (!answer?.ok) {
      stopPlaying();
      complain(isHtml(answer) ? await answer.text() : trouble("connection"), button);
      return;
    }
    mine.address = URL.createObjectURL(await answer.blob());
    mine.sound = new Audio(mine.address);
    mine.sound.addEventListener("ended", stopPlaying);
    button.classList.add("playing");
    button.closest("[data-part]")?.querySelector("[data-message]")?.replaceChildren();
    mine.sound.play().catch(stopPlaying);
  };

  const download = async (button) => {
    button.setAttribute("aria-busy", "true");
    const answer = await ask(address(button, button.dataset.download));
    button.removeAttribute("aria-busy");
    if (!answer?.ok) {
      complain(isHtml(answer) ? await answer.text() : trouble("connection"), button);
      return;
    }
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(await answer.blob());
    anchor.download = button.dataset.name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
  };

  const copy = async (button) => {
    const text = new URL(button.dataset.copy, document.baseURI).href;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // only on https and on this computer
      const field = Object.assign(document.createElement("input"), { value: text });
      button.after(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    say(button.dataset.copied);
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  };

  const hand = async (input, file) => {
    const largest = Number(input.dataset.largest || Infinity);
    if (file.size > largest) return complain(trouble("size"), input);
    const headers = { "Content-Type": "application/octet-stream", "X-Presenter-Name": encodeURIComponent(file.name.slice(-200)) };
    await go(address(input, input.dataset.file), file, input.closest("label, form") ?? input, { headers });
    input.value = "";
  };

  // --- texts that are kept while they are written ---

  let typed = 0;
  let unsaved = null;

  const save = async () => {
    clearTimeout(typed);
    const area = unsaved;
    if (!area) return;
    unsaved = null;
    const form = area.closest("form");
    const worked = area.isConnected && (await go(address(area, area.dataset.save), fields(form), form, { headers: JSON_TYPE, quiet: true }));
    if (!worked && area.isConnected) { // the server is gone: what was written is kept here and sent again
      unsaved ??= area;
      typed = setTimeout(save, 3000);
    }
  };

  // --- events ---

  const busy = (element) => element.getAttribute("aria-disabled") === "true" || element.getAttribute("aria-busy") === "true";

  const clicked = async (event) => {
    const target = event.target.closest("button, [role=button]");
    if (!target || busy(target)) return;
    const { get, post, play: sound, body } = target.dataset;
    if (target.type !== "submit" && sound) play(target);
    else if (target.dataset.download) download(target);
    else if (target.dataset.copy) copy(target);
    else if (target.dataset.tab) choose(target);
    else if (target.dataset.fill !== undefined) fill(target);
    else if (get) go(address(target, get), undefined, target);
    else if (post && target.type !== "submit") {
      await save();
      go(address(target, post), body ?? "{}", target, { headers: JSON_TYPE });
    }
  };

  // A suggestion is put into the field that it is for; nothing is sent.
  const fill = (button) => {
    const field = document.getElementById(button.dataset.into);
    field.value = button.dataset.fill;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // What was heard comes behind what stands in the field; nothing is sent.
  const add = (heard) => {
    const field = document.getElementById(heard.dataset.into);
    shown.delete(heard); // the same words can be said twice
    if (!field) return;
    field.value = [field.value.trim(), heard.dataset.add].filter(Boolean).join(" ");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const submitted = async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = event.submitter ?? form.querySelector("[type=submit]");
    if (button && busy(button)) return;
    if (button?.dataset.play) return play(button);
    if (unsaved && unsaved.closest("form") !== form) await save();
    const sent = fields(form, button);
    const worked = await go(address(form, button?.dataset.post ?? form.dataset.post), sent, button ?? form, { headers: JSON_TYPE });
    if (worked !== "done" || !form.isConnected || !form.hasAttribute("data-clear")) return;
    if (fields(form, button) === sent) form.reset(); // else somebody went on writing
    form.querySelectorAll("textarea[data-grow]").forEach(grow);
  };

  const changed = async (event) => {
    const field = event.target;
    if (field.matches("input[type=file][data-file]")) {
      for (const file of [...field.files]) await hand(field, file);
    } else if (field.matches("[data-language]")) {
      kept("presenter-language", field.value);
      await save();
      await start();
      root.querySelector("[data-language]")?.focus();
    } else if (field.dataset.change) {
      await save();
      const body = JSON.stringify({ [field.name]: field.type === "checkbox" ? (field.checked ? "yes" : "") : field.value });
      go(address(field, field.dataset.change), body, field, { headers: JSON_TYPE });
    }
  };

  const written = (event) => {
    const field = event.target;
    if (field.matches("textarea[data-grow]")) grow(field);
    if (field.matches("[data-save]")) {
      unsaved = field;
      clearTimeout(typed);
      typed = setTimeout(save, 600);
    } else if (field.matches("[data-search]")) {
      clearTimeout(typed);
      const query = new URLSearchParams({ q: field.value });
      typed = setTimeout(() => go(address(field, `${field.dataset.search}?${query}`), undefined, field, { quiet: true }), 200);
    }
  };

  const grow = (field) => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, 200)}px`;
  };

  const pressed = (event) => {
    const field = event.target;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && field.matches("textarea[data-send]")) {
      event.preventDefault();
      if (field.value.trim()) field.form.requestSubmit();
    }
    const tab = field.closest("[role=tab]");
    if (tab && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      const all = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const at = step ? (all.indexOf(tab) + step + all.length) % all.length : event.key === "Home" ? 0 : all.length - 1;
      event.preventDefault();
      all[at].focus();
      choose(all[at]);
    }
  };

  const choose = (tab) => {
    memory[`tab-${tab.closest("[role=tablist]").id}`] = tab.dataset.tab;
    for (const one of tab.closest("[role=tablist]").querySelectorAll("[role=tab]")) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      document.getElementById(one.dataset.tab).hidden = !chosen;
    }
  };

  // Tabs of a screen that came anew stay where they were.
  const keepTabs = (event) => {
    for (const now of event.detail.changed) {
      for (const list of now.querySelectorAll("[role=tablist]")) {
        const tab = list.querySelector(`[data-tab="${memory[`tab-${list.id}`]}"]`);
        if (tab) choose(tab);
      }
    }
  };

  const dropped = (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", event.type === "dragover");
    const input = zone.querySelector("input[type=file]");
    if (event.type === "drop" && input) [...event.dataTransfer.files].slice(0, 10).forEach((file) => hand(input, file));
  };

  window.presenter = { address, ask, complain, go, hand, play, put, say, stopPlaying, trouble };

  // The framework is there: the element moves into its place, with all that was written and is playing.
  const moveIn = (place) => {
    const held = document.activeElement;
    place.moveBefore ? place.moveBefore(root, null) : place.append(root);
    if (root.contains(held)) held.focus({ preventScroll: true });
    for (const log of root.querySelectorAll("[data-end]")) log.scrollTop = log.scrollHeight;
  };

  let early = ask(`studio/start?view=${encodeURIComponent(view())}`); // before the document is complete

  const begin = () => {
    root = document.getElementById("studio");
    if (matchMedia("(prefers-color-scheme: dark)").matches) document.body.classList.add("dark"); // the framework decides later
    root.addEventListener("click", clicked);
    root.addEventListener("submit", submitted);
    root.addEventListener("change", changed);
    root.addEventListener("input", written);
    root.addEventListener("keydown", pressed);
    for (const name of ["dragover", "dragleave", "drop"]) root.addEventListener(name, dropped);
    document.addEventListener("presenter:put", keepTabs);
    window.addEventListener("hashchange", () => open(true));
    window.addEventListener("online", () => { lost(false); save(); });
    start();
    new MutationObserver((_, framework) => {
      const place = document.getElementById("studio-place");
      if (!place) return;
      framework.disconnect();
      moveIn(place);
    }).observe(document.body, { childList: true, subtree: true });
  };

  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", begin) : begin();
})();
