import { HighlightStyle } from "@codemirror/language";
import { INK_TAGS } from "./ink-tags";

export const inks = HighlightStyle.define(INK_TAGS);
