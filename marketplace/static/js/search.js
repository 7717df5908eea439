(function () {
  "use strict";

  /* "Near me": the position is asked for when the visitor presses, and never before. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-near]");
    if (!link || !navigator.geolocation) return;
    event.preventDefault();
    var note = document.querySelector("[data-near-note]");
    note.textContent = link.dataset.waiting;
    navigator.geolocation.getCurrentPosition(function (found) {
      /* About a kilometre: as exact as distances are. */
      var place = found.coords.latitude.toFixed(2) + "," + found.coords.longitude.toFixed(2);
      window.location.assign(link.dataset.near + place);
    }, function () {
      note.textContent = link.dataset.refused;
      window.location.hash = link.getAttribute("href");
      document.getElementById("gan-ten").focus();
    }, { timeout: 10000, maximumAge: 600000 });
  });

  /* Which result was opened: a listing's number and the words searched for, nothing about who. */
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
