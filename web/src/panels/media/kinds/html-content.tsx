/**
 * A logged page, in a frame with an origin of its own. It loads nothing from other hosts until its reader allows it
 * for this frame; what it was kept from it tells by messages.
 */

import { useEffect, useState } from "react";
import { framedUrl, outsideHost, withHost } from "@/data/media/outside";
import { Button } from "@/ui/controls/button";
import { Icon } from "@/ui/signs/icons";
import { nameOf } from "../grid/media-groups";
import type { ContentProps } from "./content-props";

/** A message of the script that the server puts into the page. */
interface FrameMessage {
  /** The frame's name: a page that is gone has no window, by which it would be known. */
  readonly frame?: unknown;
  /** An address that was not loaded. */
  readonly blocked?: unknown;
  /** Whether the page has begun, or is gone: it tried to open an address in its own place. */
  readonly is_here?: unknown;
}

/** Each file in a frame of its own, so that none inherits what another one was allowed. */
export default function HtmlContent(props: ContentProps) {
  return <Page key={props.item.file.url} {...props} />;
}

function Page({ item }: ContentProps) {
  const [name] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join("-"));
  const [blocked, setBlocked] = useState<readonly string[]>([]);
  const [allowed, setAllowed] = useState<readonly string[]>([]);
  const [hasLeft, setLeft] = useState(false);
  const [nTries, setTries] = useState(0);
  useEffect(() => {
    const onMessage = ({ data }: MessageEvent<FrameMessage | null>) => {
      if (typeof data !== "object" || data === null || data.frame !== name) return;
      const host = outsideHost(data.blocked, window.location.host);
      if (host !== null) setBlocked((hosts) => withHost(hosts, host));
      if (typeof data.is_here === "boolean") setLeft(!data.is_here);
    };
    window.addEventListener("message", onMessage);
    return () => window.removeEventListener("message", onMessage);
  }, [name]);
  const waiting = blocked.filter((host) => !allowed.includes(host));
  const url = framedUrl(item.file.url, allowed);
  return (
    <div className="media-page">
      {waiting.length > 0 && (
        <div className="media-held">
          <Icon name="lock" isSmall />
          <Button
            isSmall
            title={`Lets this page load from ${waiting.join(", ")}. Each host then sees your address.`}
            onClick={() => {
              setAllowed([...allowed, ...waiting].sort());
              setBlocked([]);
            }}
          >
            <span className="ell">Load outside content from {waiting.join(", ")}</span>
          </Button>
        </div>
      )}
      {hasLeft && (
        <div className="media-say" role="status">
          <span>The page tried to open another address in its place. That was stopped.</span>
          <Button
            isSmall
            onClick={() => {
              setLeft(false);
              setTries(nTries + 1);
            }}
          >
            Show it again
          </Button>
        </div>
      )}
      {/* the server's answer says the same, for those who open it in a tab */}
      <iframe
        key={`${nTries} ${url}`}
        name={name}
        className="media-fill"
        // the browser's error page is in it
        hidden={hasLeft}
        src={url}
        title={nameOf(item)}
        sandbox="allow-scripts"
        loading="lazy"
      />
    </div>
  );
}
