// Where a person would click on an element: the middle of it, or of a row's first cell. Nothing while it is
// disabled, still moving, or covered by something else.
const element = arguments[0];
if (element.closest('[aria-disabled="true"]') || element.matches(':disabled')) return [null, null];
const spot = element.tagName === 'TR' ? element.cells[0] : element;
spot.scrollIntoView({ block: 'nearest', inline: 'nearest' });
const before = spot.getBoundingClientRect();
return new Promise((painted) => requestAnimationFrame(painted)).then(() => {
  const { left, top, width, height } = spot.getBoundingClientRect();
  if (left !== before.left || top !== before.top) return [null, null];
  const [x, y] = [Math.floor(left + width / 2), Math.floor(top + height / 2)];
  const hit = document.elementFromPoint(x, y);
  const labels = [...(element.labels ?? [])];
  const ours = hit && (element.contains(hit) || hit.contains(element) || labels.some((label) => label.contains(hit)));
  return ours ? [x, y] : [null, null];
});
