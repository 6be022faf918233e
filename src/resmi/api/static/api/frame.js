// Inside the frame: tells the page around it how high the content is. Nothing else is said.
const tell = () => {
  parent.postMessage({ resmiHeight: document.documentElement.offsetHeight }, "*");
};
new ResizeObserver(tell).observe(document.documentElement);
tell();
