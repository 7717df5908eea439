/* Tells which result was opened: a listing's number and the words searched for, nothing about who. */
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-opened] .card__title a");
    if (!link || !navigator.sendBeacon) return;
    var results = link.closest("[data-opened]");
    var number = /_(\d+)\/$/.exec(link.pathname);
    if (!number) return;
    navigator.sendBeacon(
      results.dataset.opened,
      new URLSearchParams({ q: results.dataset.words || "", "san-pham": number[1] })
    );
  });
})();
