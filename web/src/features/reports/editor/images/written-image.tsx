/** An image where it is written: as readers see it, or the state of its upload. */

import { useEffect, useSyncExternalStore } from "react";
import type { Image } from "@/data/report/document";
import { Button } from "@/ui/controls/button";
import { Icon } from "@/ui/signs/icons";
import { ImageBlock } from "../../blocks/image-block";
import { useSession } from "../session";
import type { Upload } from "./uploads";

interface WrittenImageProps {
  readonly id: string;
  readonly image: Image;
  onRemove(): void;
}

export function WrittenImage({ id, image, onRemove }: WrittenImageProps) {
  const { uploads } = useSession();
  const upload = useUpload(id);
  const { sha256, url } = image;
  const isStored = upload?.state.is === "stored";
  const isEmpty = sha256 === null && url === null;
  useEffect(() => {
    if (isStored && isEmpty) uploads.place(id);
  }, [uploads, id, isStored, isEmpty]);
  if (!isEmpty) return <ImageBlock image={image} />;
  return (
    <figure className="image-block">
      {upload && !isStored ? (
        <Pending upload={upload} onRetry={() => uploads.retry(id)} onRemove={onRemove} />
      ) : (
        <div className="media-link">
          <Icon name="image" />
          <span>No image is here yet: choose one, or wait until its author has uploaded it.</span>
        </div>
      )}
      {image.caption && <figcaption>{image.caption}</figcaption>}
    </figure>
  );
}

/** The upload of a block; the component renders when it changes. */
export function useUpload(id: string): Upload | null {
  const { uploads } = useSession();
  return useSyncExternalStore(uploads.subscribe, () => uploads.of(id));
}

interface PendingProps {
  readonly upload: Upload;
  onRetry(): void;
  onRemove(): void;
}

function Pending({ upload: { preview, state }, onRetry, onRemove }: PendingProps) {
  return (
    <div className="image-upload">
      {preview && <img src={preview} alt="" />}
      <div className="media-link">
        {state.is === "failed" ? (
          <>
            <Icon name="warn" />
            <span role="alert">The image was not stored: {state.reason}</span>
            <Button isSmall onClick={onRetry}>
              Try again
            </Button>
          </>
        ) : (
          <>
            <span className="image-progress" aria-hidden="true" />
            <span role="status">
              {state.is === "sending" && state.isLate
                ? "The server does not answer: the image is sent once it does."
                : "Uploading the image…"}
            </span>
          </>
        )}
        <Button isSmall onClick={onRemove}>
          Remove
        </Button>
      </div>
    </div>
  );
}
