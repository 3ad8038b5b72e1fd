/** A PDF, page by page; only pages in view are drawn. */

import { useQuery } from "@tanstack/react-query";
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy, type PDFPageProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { useEffect, useRef, useState } from "react";
import type { ShownFile } from "@/api/files/files";
import { contentQuery } from "@/api/files/media";
import { formatCount } from "@/data/text/format";
import { useInView } from "@/panels/frame/use-in-view";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { NoPreview } from "./no-preview";

GlobalWorkerOptions.workerSrc = workerUrl;

/** Of a page, px; narrower windows have narrower ones. */
const WIDTH_PX = 860;

interface OpenPdf {
  readonly document: PDFDocumentProxy;
  /** Width by height of the first page: of the others' places before they are drawn. */
  readonly ratio: number;
}

export default function PdfPreview({ file }: { file: ShownFile }) {
  const query = useQuery(contentQuery(file, "bytes", (answer) => answer.arrayBuffer()));
  const [pdf, setPdf] = useState<OpenPdf | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const { data } = query;
  useEffect(() => {
    if (!data) return;
    let isGone = false;
    // it takes the bytes into its worker, and others may have them
    const loading = getDocument({ data: data.slice(0), enableXfa: false });
    const open = async () => {
      const document = await loading.promise;
      const { width, height } = (await document.getPage(1)).getViewport({ scale: 1 });
      if (!isGone) setPdf({ document, ratio: width / height });
    };
    open().catch((error: Error) => !isGone && setFault(error.message));
    return () => {
      isGone = true;
      void loading.destroy();
    };
  }, [data]);
  const problem = query.error?.message ?? fault;
  if (problem) return <NoPreview file={file}>{`The PDF can't be shown: ${problem}`}</NoPreview>;
  if (!pdf) return <SkeletonRows n={12} height={18} />;
  const { document, ratio } = pdf;
  return (
    <section
      className="file-pdf"
      aria-label={`${formatCount(document.numPages)} pages`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
    >
      {Array.from({ length: document.numPages }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pages keep their places
        <PdfPage key={i} document={document} number={i + 1} ratio={ratio} />
      ))}
    </section>
  );
}

interface PdfPageProps {
  readonly document: PDFDocumentProxy;
  /** From 1. */
  readonly number: number;
  readonly ratio: number;
}

function PdfPage({ document, number, ratio }: PdfPageProps) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const isInView = useInView(holder);
  const [shape, setShape] = useState(ratio);
  useEffect(() => {
    const element = canvas.current;
    if (!isInView || !element) return;
    let isGone = false;
    let task: ReturnType<PDFPageProxy["render"]> | null = null;
    const draw = async () => {
      const page = await document.getPage(number);
      if (isGone) return;
      const { width, height } = page.getViewport({ scale: 1 });
      setShape(width / height);
      const px = element.clientWidth * devicePixelRatio;
      const viewport = page.getViewport({ scale: px / width });
      element.width = Math.round(viewport.width);
      element.height = Math.round(viewport.height);
      task = page.render({ canvas: element, viewport });
      await task.promise;
      element.dataset.drawn = "";
    };
    draw().catch(() => undefined); // cancelled, as the page left the view
    return () => {
      isGone = true;
      task?.cancel();
    };
  }, [document, number, isInView]);
  return (
    <div className="file-page" ref={holder} style={{ aspectRatio: shape, maxWidth: WIDTH_PX }}>
      {isInView && <canvas ref={canvas} role="img" aria-label={`Page ${number}`} />}
    </div>
  );
}
