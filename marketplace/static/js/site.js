/* Progressive help: every page works without this file. */
(function () {
  "use strict";

  function read(text) {
    var clean = String(text).replace(/\s/g, "").replace(",", ".");
    return /^\d+(\.\d+)?$/.test(clean) ? parseFloat(clean) : NaN;
  }

  function write(number) {
    return String(Math.round(number * 1000) / 1000).replace(".", ",");
  }

  /* Minus and plus beside a quantity; the input still takes what is typed. */
  function startStepper(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "1";
    var input = box.querySelector("input");
    var buttons = box.querySelectorAll("button[data-by]");
    var step = parseFloat(box.dataset.step);
    var least = parseFloat(box.dataset.minimum);
    var most = box.dataset.maximum ? parseFloat(box.dataset.maximum) : Infinity;

    function show() {
      var now = read(input.value);
      buttons.forEach(function (button) {
        var next = now + step * Number(button.dataset.by);
        button.disabled = !isNaN(now) && (next < least - 1e-9 || next > most + 1e-9);
      });
    }

    buttons.forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var now = read(input.value);
        var next = isNaN(now) ? least : Math.round(now / step) * step + step * Number(button.dataset.by);
        input.value = write(Math.min(Math.max(next, least), most));
        show();
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
    input.addEventListener("input", show);
    show();
  }

  function start(root) {
    root.querySelectorAll("[data-stepper]").forEach(startStepper);
    root.querySelectorAll("[data-suggests]").forEach(startSuggestions);
    var errors = root.querySelector("[data-errors]");
    if (errors) errors.focus();
  }

  /* A form sent twice does one thing: the second press waits. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.querySelectorAll("button:not([type='button'])").forEach(function (button) {
      button.setAttribute("aria-disabled", "true");
    });
  });

  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("button[aria-disabled]").forEach(function (button) {
        button.removeAttribute("aria-disabled");
      });
    });
  });

  /* An open menu closes on Escape and on a press elsewhere. */
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest && event.target.closest("details.menu"));
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  /* An answer draws a part of the form from what was chosen when it was asked for: the last choice is put back, where it
     is still offered. */
  var chosen = {};
  document.addEventListener("change", function (event) {
    if (event.target.type === "radio") chosen[event.target.name] = event.target.value;
  });
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("input[type=radio]:enabled").forEach(function (radio) {
      if (chosen[radio.name] === radio.value) radio.checked = true;
    });
  });

  /* Suggestions below the search box: arrows choose one, Enter opens it, Escape closes the list. */
  function startSuggestions(input) {
    if (input.dataset.ready) return;
    input.dataset.ready = "1";
    var list = document.getElementById(input.dataset.suggests);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    function options() {
      return Array.prototype.slice.call(list.querySelectorAll("[role=option]"));
    }

    function choose(option) {
      options().forEach(function (other) {
        other.setAttribute("aria-selected", String(other === option));
      });
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        if (option.scrollIntoView) option.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    }

    function show(isOpen) {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) choose(null);
    }

    list.addEventListener("htmx:afterSwap", function () {
      choose(null);
      show(document.activeElement === input && options().length > 0);
    });
    input.addEventListener("focus", function () { show(options().length > 0); });
    input.form.addEventListener("focusout", function (event) {
      if (!input.form.contains(event.relatedTarget)) show(false);
    });
    /* A press on an option must not take the focus away before it is followed. */
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    input.addEventListener("keydown", function (event) {
      var all = options();
      var at = all.findIndex(function (option) { return option.getAttribute("aria-selected") === "true"; });
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        show(false);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
        event.preventDefault();
        var step = event.key === "ArrowDown" ? 1 : -1;
        show(true);
        choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
      } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
        event.preventDefault();
        window.location.assign(all[at].href);
      }
    });
  }

  document.addEventListener("htmx:load", function (event) { start(event.detail.elt); });
  start(document);
})();
