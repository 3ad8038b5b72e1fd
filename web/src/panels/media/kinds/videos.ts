/** The videos of a panel or of the viewer, played together and frame by frame. */

/** The shown frame of a video: its time, and how long one lasts, seconds. */
interface Frame {
  time: number;
  length: number;
}

/** Until two frames of a video were seen. */
const FIRST_LENGTH = 1 / 30;
/** Longer pauses between two frames are jumps. */
const MOST_LENGTH = 1;
/** Videos that are further apart begin to play at the time of the first. */
const APART = 0.1;

const FRAMES = new WeakMap<HTMLVideoElement, Frame>();

/** Notes the frames that a video shows; returns a function that ends that. */
export function watchFrames(video: HTMLVideoElement): () => void {
  if (!("requestVideoFrameCallback" in video)) return () => undefined;
  let handle = 0;
  const note: VideoFrameRequestCallback = (_, { mediaTime }) => {
    const before = FRAMES.get(video);
    FRAMES.set(video, nextFrame(before, mediaTime));
    handle = video.requestVideoFrameCallback(note);
  };
  handle = video.requestVideoFrameCallback(note);
  return () => video.cancelVideoFrameCallback(handle);
}

/** A frame that follows another one; the shortest distance between two is the length of one. */
export function nextFrame(before: Frame | undefined, time: number): Frame {
  if (!before) return { time, length: Number.POSITIVE_INFINITY };
  const distance = Math.abs(time - before.time);
  const isNext = distance > 0 && distance < MOST_LENGTH;
  return { time, length: isNext ? Math.min(before.length, distance) : before.length };
}

export function videosIn(element: Element | null): HTMLVideoElement[] {
  return [...(element?.querySelectorAll("video") ?? [])];
}

/** Pauses all if any plays; else plays all, from one time. */
export function togglePlay(videos: readonly HTMLVideoElement[]): void {
  if (videos.some(({ paused }) => !paused)) {
    for (const video of videos) video.pause();
    return;
  }
  const time = videos[0]?.currentTime ?? 0;
  for (const video of videos) {
    const start = timeIn(video, time);
    if (Math.abs(video.currentTime - start) > APART) video.currentTime = start;
    // one that is removed meanwhile, or has no content, does not play
    video.play().catch(() => undefined);
  }
}

/** Shows the next frame of the first, or the one before, and of the others what they have at that time. */
function stepFrames(videos: readonly HTMLVideoElement[], by: 1 | -1): void {
  const [first] = videos;
  if (!first) return;
  const time = timeOfFrame(FRAMES.get(first), first.currentTime, by);
  for (const video of videos) {
    video.pause();
    video.currentTime = timeIn(video, Math.max(0, Math.min(first.duration || 0, time)));
  }
}

/** A time of another video; a shorter one is repeated. */
function timeIn({ duration }: HTMLVideoElement, time: number): number {
  return duration > 0 && time > duration ? time % duration : time;
}

/** A time within the next frame or the one before. */
export function timeOfFrame(frame: Frame | undefined, now: number, by: 1 | -1): number {
  if (!frame || !Number.isFinite(frame.length)) return now + by * FIRST_LENGTH;
  return frame.time + (by + 0.5) * frame.length;
}

/** Plays, pauses or steps by a key: the space bar, comma and full stop; false: the key is another one. */
export function playByKey(videos: readonly HTMLVideoElement[], key: string): boolean {
  if (videos.length === 0) return false;
  if (key === " ") togglePlay(videos);
  else if (key === "," || key === ".") stepFrames(videos, key === "." ? 1 : -1);
  else return false;
  return true;
}
