// A page that says data-live="SECONDS" on its <main> renews itself: each element with data-part is replaced by its newer self,
// unless somebody is at work in it. Without scripts the page is whole all the same.
(() => {
  "use strict";
  const main = document.querySelector("main[data-live]");
  if (!main) return;
  const pause = Math.max(2, Number(main.dataset.live) || 10) * 1000;
  let tag = null;
  const sent = new Map(); // what the server sent last for each part
  const parts = (root) => [...root.querySelectorAll("[data-part]")].filter((one) => !one.parentElement.closest("[data-part]"));
  for (const part of parts(main)) sent.set(part.dataset.part, part.innerHTML);

  const touched = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((one) => one.selected !== one.defaultSelected) && field.selectedIndex > 0
    : field.type === "file" ? field.value !== "" : "defaultValue" in field && field.value !== field.defaultValue;
  const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
    || [...part.querySelectorAll("input, select, textarea")].some((field) => field.type !== "hidden" && touched(field));

  function renew(part, newer) {
    const open = new Set([...part.querySelectorAll("details[id][open]")].map((one) => one.id));
    const shut = new Set([...part.querySelectorAll("details[id]:not([open])")].map((one) => one.id));
    const at = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = newer.innerHTML;
    for (const one of part.querySelectorAll("details[id]")) {
      if (open.has(one.id)) one.open = true;
      else if (shut.has(one.id)) one.open = false;
    }
    if (at) document.getElementById(at)?.focus();
  }

  async function look() {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(location.href, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", redirect: "manual" });
    } catch {
      main.dataset.stale = "yes";
      return;
    }
    if (answer.status === 304) { delete main.dataset.stale; return; }
    if (answer.status !== 200) { main.dataset.stale = "yes"; return; }
    delete main.dataset.stale;
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html");
    let whole = true;
    const known = new Map(parts(main).map((part) => [part.dataset.part, part]));
    for (const part of parts(newer)) {
      const mine = known.get(part.dataset.part);
      if (!mine || sent.get(part.dataset.part) === part.innerHTML) continue;
      if (busy(mine)) { mine.dataset.waits = main.dataset.waitsWord || "…"; whole = false; continue; }
      delete mine.dataset.waits;
      sent.set(part.dataset.part, part.innerHTML);
      renew(mine, part);
    }
    tag = whole ? answer.headers.get("ETag") : null;
  }
  setInterval(look, pause);
  document.addEventListener("visibilitychange", look);
})();
