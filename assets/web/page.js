// Small helps that the page's framework does not give: speaking progress to screen readers,
// keeping the keyboard's place, and bringing a finished video into view.
(() => {
  let said = "";
  let source = "";
  let working = false;
  let asked = false;
  let next = "";
  let alarmed = null;

  const region = () => {
    let found = document.getElementById("spoken");
    if (!found) {
      found = document.createElement("div");
      found.id = "spoken";
      found.setAttribute("role", "status");
      found.setAttribute("aria-live", "polite");
      document.body.append(found);
    }
    return found;
  };

  // The status is redrawn several times a second; only what changed in words is spoken.
  const speak = () => {
    const teller = document.querySelector("#status [data-say], #result [data-say]");
    const text = teller ? teller.dataset.say : "";
    if (text !== said) region().textContent = said = text;
  };

  // The pressed button is switched off while a video is made, and Cancel goes away afterwards:
  // a keyboard that was on one of them goes on with the other, as soon as that one can take it.
  const keepPlace = () => {
    const active = document.activeElement;
    const target = document.getElementById(next);
    if (active !== document.body && !["make", "stop"].includes(active.id)) next = "";
    else if (target && !target.disabled && (active === document.body || active.disabled)) {
      target.focus({ preventScroll: true });
      next = "";
    }
  };

  const show = (element, block) => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ behavior: calm ? "auto" : "smooth", block });
  };

  const look = () => {
    speak();
    const video = document.querySelector("#result video");
    const now = video ? video.getAttribute("src") : "";
    const progress = document.querySelector("#status .progress");
    const alert = document.querySelector("#status [role=alert]");
    if (alert && alert !== alarmed) show(alert, "nearest");
    alarmed = alert;
    if (progress && !working) {
      show(progress, "nearest");
      next = "stop";
    } else if (!progress && working) next = "make";
    working = progress !== null;
    if (asked && now && now !== source) {
      show(video.closest("section"), "nearest");
      asked = false;
    }
    source = now;
    keepPlace();
  };

  const begin = () => {
    region();
    document.addEventListener("click", (event) => { if (event.target.closest("#make")) asked = true; });
    new MutationObserver(look).observe(document.body, {
      childList: true, subtree: true, attributes: true, attributeFilter: ["data-say", "src"],
    });
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
