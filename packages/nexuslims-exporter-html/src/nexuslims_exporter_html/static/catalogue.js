"use strict";

// Filters the index while one types. Every word must occur somewhere in a record's line
// or in the words kept with it. The page is complete without this script.
(() => {
  const fold = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const input = document.getElementById("filter");
  const count = document.getElementById("count");
  const nothing = document.getElementById("nothing");
  const total = Number(count.dataset.total);
  const years = Array.from(document.querySelectorAll(".year"), (section) => ({
    section,
    cards: Array.from(section.querySelectorAll(".card"), (card) => ({
      card,
      text: fold(card.textContent + " " + card.dataset.search),
    })),
  }));

  const show = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { section, cards } of years) {
      let here = 0;
      for (const { card, text } of cards) {
        const matches = words.every((word) => text.includes(word));
        card.hidden = !matches;
        here += matches;
      }
      section.hidden = here === 0;
      shown += here;
    }
    const records = total === 1 ? "record" : "records";
    count.textContent = words.length
      ? `${shown} of ${total} ${records}`
      : `${total} ${records}`;
    nothing.hidden = shown > 0 || total === 0;
  };

  // The filter is kept in the address, so that going back finds it again.
  const remember = () => {
    const hash = input.value ? "#" + encodeURIComponent(input.value) : " ";
    history.replaceState(null, "", hash);
  };

  const recall = () => {
    try {
      input.value = decodeURIComponent(location.hash.slice(1));
    } catch {
      input.value = "";
    }
  };

  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      show();
      remember();
    }, 120);
  });

  document.getElementById("search").hidden = false;
  recall();
  if (input.value) {
    show();
  }
})();
