/**
 * The frame of every panel: head with title, notes and flags, actions on hover, the menu, and
 * the states that any content can be in. In full screen the head is a toolbar.
 */

import { type ReactNode, type RefObject, useContext, useEffect, useRef } from "react";
import { ApiError } from "@/api/client";
import { formatCount, formatNoun } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import type { PanelProps } from "../panel-props";
import { noteDrawnTitle } from "./drawn-titles";
import { PanelLevel } from "./panel-level";
import { PanelMenu } from "./panel-menu";
import { savePicture } from "./picture";
import { useInView, useWidth } from "./use-in-view";
import "./panel.css";

/** The element of a panel, and what is known of it. */
export interface PanelBox {
  readonly ref: RefObject<HTMLElement | null>;
  /** In view or in full screen; else ask and draw nothing. */
  readonly isOn: boolean;
  /** Px; 0 before it is known. */
  readonly width: number;
}

export function usePanelBox(isFull: boolean): PanelBox {
  const ref = useRef<HTMLElement>(null);
  const isInView = useInView(ref);
  return { ref, isOn: isInView || isFull, width: useWidth(ref) };
}

export type PanelState =
  | { readonly is: "ready" }
  | { readonly is: "waiting" }
  /** The missing thing, and the one action that changes it. */
  | { readonly is: "empty"; readonly say: ReactNode; readonly action?: ReactNode }
  | { readonly is: "failed"; readonly error: Error; onRetry(): void };

/** Of a query whose old data is still shown: why it is old, and since when. */
export interface Stale {
  readonly error: Error;
  readonly sinceMillis: number;
}

/** The part of a TanStack query that tells a panel's state. */
interface QueryState {
  readonly data: unknown;
  readonly error: Error | null;
  readonly isPlaceholderData: boolean;
  readonly dataUpdatedAt: number;
  refetch(): unknown;
}

/** The state of a panel that shows one query; `empty` is what to say where it has found nothing. */
export function stateOf(query: QueryState, empty: ReactNode | null): PanelState {
  if (query.data !== undefined)
    return empty === null || query.isPlaceholderData ? { is: "ready" } : { is: "empty", say: empty };
  // no try brings what a stored figure, a file or a link has not
  if (query.error instanceof ApiError && ABSENT.has(query.error.code))
    return { is: "empty", say: query.error.message };
  if (query.error) return { is: "failed", error: query.error, onRetry: () => query.refetch() };
  return { is: "waiting" };
}

const ABSENT: ReadonlySet<string> = new Set(["not_stored", "not_shared"]);

export function staleOf(query: QueryState): Stale | null {
  return query.error && query.data !== undefined
    ? { error: query.error, sinceMillis: query.dataUpdatedAt }
    : null;
}

interface PanelFrameProps {
  readonly of: PanelProps;
  readonly box: PanelBox;
  /** Defaults to the panel's short name. */
  readonly title?: string;
  /** Grey words next to the title, like `log` or `y 0.28 to 1.02`. */
  readonly notes?: readonly string[];
  /** `.flag`s next to the title. */
  readonly flags?: ReactNode;
  readonly state: PanelState;
  readonly stale?: Stale | null;
  /** This kind's own entries of the menu. */
  readonly menu?: ReactNode;
  /** In full screen: this kind's controls in the toolbar. */
  readonly tools?: ReactNode;
  /** In full screen: what stands at the right of it all. */
  readonly side?: ReactNode;
  /** Its own entries and tools export it. */
  readonly hasExport?: boolean;
  /** The first metric, for those who look for its panel. */
  readonly metric?: string;
  readonly children: ReactNode;
}

export function PanelFrame(props: PanelFrameProps) {
  const { of, box, state, stale, metric, side, children } = props;
  const { short, whole } = panelNames(of.panel);
  const { title = short } = props;
  // on hover and for screen readers
  const name = props.title ?? whole;
  const { id } = of.panel;
  useEffect(() => noteDrawnTitle(id, name), [id, name]);
  const looks = ["panel", stale && "stale", of.isEdited && "edit", of.isFull && "whole"];
  return (
    <article
      className={looks.filter(Boolean).join(" ")}
      ref={box.ref}
      aria-label={name}
      data-panel={of.panel.id}
      data-kind={of.panel.kind}
      data-metric={metric}
    >
      <Head {...props} title={title} name={name} hasActions={box.isOn && !of.isFixed} />
      {box.isOn && (
        <PanelContent state={state} name={name}>
          {children}
        </PanelContent>
      )}
      {of.isFull && side && <aside className="side">{side}</aside>}
      {stale && (
        <div className="stale-tag">
          <span className="flag wrn">
            {stale.error.message}; shown as of <Ago micros={stale.sinceMillis * 1000} suffix=" ago" />
          </span>
        </div>
      )}
    </article>
  );
}

type HeadProps = PanelFrameProps & {
  readonly title: string;
  readonly name: string;
  readonly hasActions: boolean;
};

function Head(props: HeadProps) {
  const { of, box, title, name, notes = [], flags, state, menu, tools, hasExport, hasActions } = props;
  const { panel, isFull, linkOf, onFull, onEdit } = of;
  const hasPicture = !hasExport && state.is === "ready";
  const onPicture = hasPicture ? () => box.ref.current && savePicture(box.ref.current, name) : null;
  const onLink = linkOf
    ? () => void copyText(linkOf(of.isWholePage ? null : panel.id), "the link to this panel")
    : null;
  const isEdited = of.isEdited ?? false;
  // in full screen no section's heading stands above it
  const Title = isFull ? "h2" : "h3";
  const level = useContext(PanelLevel);
  const words = notes.filter((note) => note !== "").join(", ");
  const heading = (
    <>
      <Title aria-level={isFull || level === 3 ? undefined : level}>
        <MidName name={isFull ? name : title} title={name} />
      </Title>
      {words && (
        <span className="ax" title={words}>
          {words}
        </span>
      )}
      {panel.runFilter !== null && <OwnRunsFlag of={of} filter={panel.runFilter} />}
      {flags}
    </>
  );
  return (
    <header className={isFull ? "ph toolbar" : "ph"}>
      {isFull ? (
        <span className="told">
          {of.nav}
          {heading}
        </span>
      ) : (
        heading
      )}
      {isFull && tools && <span className="tools">{tools}</span>}
      {hasActions && (
        <span className="act">
          {isFull ? (
            <>
              {onPicture && <IconButton icon="download" label="Save picture" onClick={onPicture} />}
              {onLink && <IconButton icon="link" label="Copy link" onClick={onLink} />}
              {!of.isReadOnly && (
                <IconButton
                  icon="gear"
                  label="Panel settings"
                  isOn={isEdited}
                  onClick={() => onEdit(isEdited ? null : panel.id)}
                />
              )}
              {!of.isWholePage && (
                <IconButton icon="x" label="Close full screen (Esc)" onClick={() => onFull(null)} />
              )}
            </>
          ) : (
            <>
              <IconButton icon="full" label="Full screen" isSmall onClick={() => onFull(panel.id)} />
              {!of.isReadOnly && (
                <IconButton
                  icon="gear"
                  label="Panel settings"
                  isSmall
                  isOn={isEdited}
                  onClick={() => onEdit(isEdited ? null : panel.id)}
                />
              )}
              <PanelMenu
                panel={panel}
                isReadOnly={of.isReadOnly}
                onFull={onFull}
                onEdit={onEdit}
                onLink={onLink}
                onPicture={onPicture}
                own={menu}
                page={of.menu}
              />
            </>
          )}
        </span>
      )}
    </header>
  );
}

/** Says that a panel draws runs of its own, and which; where it has settings, a click leads there. */
function OwnRunsFlag({ of, filter }: { of: PanelProps; filter: string }) {
  const { panel, runs, nMatching = 0, onEdit } = of;
  const left =
    nMatching > runs.length ? `${formatCount(runs.length)} of ${formatNoun(nMatching, "run")}` : "";
  const title = `Runs of its own: ${filter || "all of the project"}${left && `, the first ${left}`}`;
  const content = (
    <>
      <Icon name="filter" isSmall />
      {left && <span>{left}</span>}
      <span className="ell">{filter || "all runs"}</span>
    </>
  );
  if (of.isReadOnly)
    return (
      <span className="flag neu of-own" title={title}>
        {content}
      </span>
    );
  return (
    <button type="button" className="flag neu of-own" title={title} onClick={() => onEdit(panel.id)}>
      {content}
    </button>
  );
}

interface PanelContentProps {
  readonly state: PanelState;
  readonly name: string;
  readonly children: ReactNode;
}

/** Content of a panel, or in its place the state. */
export function PanelContent({ state, name, children }: PanelContentProps) {
  if (state.is === "ready") return children;
  if (state.is === "waiting") return <Waiting />;
  if (state.is === "empty") {
    return (
      <div className="say">
        <span>{state.say}</span>
        {state.action}
      </div>
    );
  }
  const requestId = state.error instanceof ApiError ? state.error.requestId : null;
  return (
    <div className="say" role="alert">
      <Icon name="warn" />
      <b>{name} could not be read</b>
      <span>
        {state.error.message}
        {requestId && <span className="muted"> (request {requestId})</span>}
      </span>
      <button type="button" className="btn sm" onClick={state.onRetry}>
        Try again
      </button>
    </div>
  );
}

/** The shape of a panel to come: a legend and an area. */
function Waiting() {
  return (
    <div className="wait late" role="status" aria-label="Loading">
      <div>
        <span className="sk" style={{ width: 76 }} />
        <span className="sk" style={{ width: 58 }} />
        <span className="sk" style={{ width: 66 }} />
      </div>
      <span className="sk" />
    </div>
  );
}
