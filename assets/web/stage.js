// Plays the pieces of a video one after another while the rest is still being made, then goes on in the whole.
// data-pieces: a JSON list of {"src", "text"}; data-for: the place whose video[data-early] plays it;
// [data-caption] beside the video shows the words.
(() => {
  const players = new Map(); // name of the place -> what plays there
  const carried = new Map(); // name of the place -> seconds that were seen when the whole video came, and whether it played

  const placed = (name) => document.querySelector(`#studio [data-place="${name}"]`);

  const show = (video, player, start) => {
    const piece = player.pieces[player.at];
    if (!piece || player.playing === piece.src) return;
    player.playing = piece.src;
    video.src = piece.src;
    const caption = video.parentElement.querySelector("[data-caption]");
    if (caption) caption.textContent = piece.text;
    if (start) video.play().catch(() => {}); // a browser may want to be asked first
  };

  const follow = (list) => {
    const name = list.dataset.for;
    const video = placed(name)?.querySelector("video[data-early]");
    if (!video) return players.delete(name);
    if (players.get(name)?.video !== video) {
      players.set(name, { video, at: 0, seen: 0, playing: null, ended: video.autoplay });
      video.addEventListener("ended", () => {
        const player = players.get(name);
        Object.assign(player, { at: player.at + 1, seen: player.seen + video.duration, ended: true });
        next(player);
      });
    }
    const player = players.get(name);
    player.pieces = JSON.parse(list.dataset.pieces);
    next(player);
  };

  const next = (player) => {
    if (!player.pieces[player.at]) return;
    show(player.video, player, player.ended);
    player.ended = false;
  };

  // The whole video takes the place of its pieces: it goes on where they were.
  const leaving = (event) => {
    for (const video of event.detail.old.querySelectorAll("video[data-early]")) {
      const name = video.closest("[data-place]").dataset.place;
      const player = players.get(name);
      const seconds = (player?.seen ?? 0) + (video.ended ? 0 : video.currentTime);
      if (seconds) carried.set(name, { seconds, plays: !video.paused || video.ended });
      players.delete(name);
    }
  };

  const put = () => {
    document.querySelectorAll("#studio [data-pieces]").forEach(follow);
    for (const [name, { seconds, plays }] of carried) {
      const video = placed(name)?.querySelector("video:not([data-early])");
      if (video) {
        video.currentTime = seconds;
        if (plays) video.play().catch(() => {});
      }
      carried.delete(name);
    }
  };

  // A chapter was chosen.
  const seek = (event) => {
    const target = event.target.closest("[data-seek]");
    const video = target?.closest("[data-place]")?.querySelector("video");
    if (!video) return;
    video.currentTime = Number(target.dataset.seek);
    video.play().catch(() => {});
  };

  document.addEventListener("presenter:leaving", leaving);
  document.addEventListener("presenter:put", put);
  document.addEventListener("click", seek);
})();
