/**
 * Elements that are moved with the pointer, each a layer of its own.
 *
 * For a new value of `transform` Chromium re-sorts all layers of the page, a quarter of the main thread's time for a move over
 * twenty charts; for other keyframes of an animation it moves that layer alone. So positions are those of an animation
 * that stands still.
 */

const animations = new WeakMap<Element, Animation>();

/** Move an element with `will-change: transform` to so many px from where its styles put it. */
export function moveElement(element: Element, x: number, y: number): void {
  const transform = `translate(${x}px, ${y}px)`;
  const keyframes = { transform: [transform, transform] };
  const animation = animations.get(element);
  if (animation) {
    (animation.effect as KeyframeEffect).setKeyframes(keyframes);
    return;
  }
  const first = element.animate(keyframes, { duration: 1, fill: "both" });
  first.pause();
  animations.set(element, first);
}
