// The stage: plays the pieces of a lesson one after another while the rest is still being made.
// data-pieces: a JSON list of {"src", "text"}; video[data-early] plays it, [data-caption] shows its words.
(() => {
  let at = 0;
  let pieces = [];
  let playing = null; // the source that is in the player

  const player = () => document.querySelector("#studio video[data-early]");

  const show = (video, start) => {
    const piece = pieces[at];
    if (!piece || playing === piece.src) return;
    playing = piece.src;
    video.src = piece.src;
    const caption = document.querySelector("#studio [data-caption]");
    if (caption) caption.textContent = piece.text;
    if (start) video.play().catch(() => {}); // a browser may want to be asked first
  };

  const put = () => {
    const list = document.querySelector("#studio [data-pieces]");
    const video = player();
    if (!video) {
      at = 0;
      playing = null;
      return;
    }
    if (!list) return;
    pieces = JSON.parse(list.dataset.pieces);
    if (!video.dataset.watched) {
      video.dataset.watched = "yes";
      at = 0;
      playing = null;
      video.addEventListener("ended", () => {
        at += 1;
        video.dataset.waiting = "yes";
        next(video);
      });
    }
    next(video);
  };

  const next = (video) => {
    if (!pieces[at]) return;
    show(video, video.dataset.waiting === "yes");
    delete video.dataset.waiting;
  };

  // A chapter was chosen.
  const seek = (event) => {
    const target = event.target.closest("[data-seek]");
    const video = target?.closest("[data-place]")?.querySelector("video");
    if (!video) return;
    video.currentTime = Number(target.dataset.seek);
    video.play().catch(() => {});
  };

  document.addEventListener("presenter:put", put);
  document.addEventListener("click", seek);
})();
