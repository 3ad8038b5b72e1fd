/** Opens the comments of a report, with the number of open threads. */

import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { useComments } from "./comments-context";

export function CommentsButton() {
  const comments = useComments();
  if (!comments) return null;
  const { threads, isOpen, mayComment, setOpen } = comments;
  const nOpen = threads.filter(({ resolved_micros: resolved }) => resolved === null).length;
  if (threads.length === 0 && !mayComment) return null;
  return (
    <Button
      icon="comment"
      isSmall
      isOn={isOpen}
      className="comments-button"
      title={nOpen === 0 ? "No open comments" : formatNoun(nOpen, "open thread")}
      onClick={() => setOpen(!isOpen)}
    >
      <span className="wide-only">Comments</span>
      {nOpen > 0 && (
        <span className="tn">
          {nOpen}
          <span className="sr"> open</span>
        </span>
      )}
    </Button>
  );
}
