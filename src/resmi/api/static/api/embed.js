// Shows the register's question box on any page:
//   <script async src="https://AGENCY/check/embed.js" data-lang="id"></script>
// The box comes as a frame right after the script. data-lang: en, id or ko (else the page's own).
(() => {
  const script = document.currentScript;
  const page = new URL("embed", script.src);
  const language = script.dataset.lang || document.documentElement.lang.slice(0, 2);
  const titles = {
    en: "Is this company licensed?",
    id: "Apakah perusahaan ini berizin?",
    ko: "인가받은 업체인가요?",
  };
  if (titles[language]) page.searchParams.set("lang", language);

  const frame = document.createElement("iframe");
  frame.src = page.href;
  frame.title = script.dataset.title || titles[language] || titles.en;
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = "display:block;width:100%;max-width:42rem;height:17rem;border:0;color-scheme:light dark";

  addEventListener("message", (event) => {
    const height = event.data && event.data.resmiHeight;
    if (event.source === frame.contentWindow && event.origin === page.origin && height > 0) {
      frame.style.height = `${Math.min(Math.ceil(height), 4000)}px`;
    }
  });
  script.after(frame);
})();
