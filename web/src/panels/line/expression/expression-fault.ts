import type { ExpressionProblem } from "@/api/metrics/expressions";
import { bareNameIn } from "@/data/expression/bare-names";
import type { ConfigPath } from "@/data/expression/completion";
import { EXPRESSION_FUNCTIONS } from "@/data/expression/completion";
import {
  configPathOf,
  configText,
  type ExpressionToken,
  typed,
  typedRange,
} from "@/data/expression/expression-text";
import { nearestName } from "@/data/expression/nearest-name";

export interface ExpressionFault {
  readonly says: string;
  /** Where in the typed text: from, to. */
  readonly from: number;
  readonly to: number;
  /** Replacement to type there. */
  readonly instead: string | null;
  isAt(token: ExpressionToken): boolean;
}

interface ExpressionNames {
  readonly names: readonly string[];
  has(name: string): boolean;
  readonly config: readonly ConfigPath[];
  mayHaveConfig(path: string): boolean;
}

/**
 * The fault of an expression: a name without the quotes that it needs, else the server's objection, else the first name
 * that no run has; with its position and the likely intent.
 *
 * @param draft the text that `tokens` are of
 */
export function faultOf(
  draft: string,
  tokens: readonly ExpressionToken[],
  projectNames: ExpressionNames,
  problem: ExpressionProblem | null,
): ExpressionFault | null {
  const bare = bareNameIn(draft, projectNames.has);
  if (bare) {
    const { word, at, letter } = bare;
    const name = projectNames.has(word) ? word : nearestName(word, projectNames.names);
    return faultAt(`A name with “${letter}” needs quotes.`, at, at + word.length, name && typed(name));
  }
  if (problem) {
    const [from, to] = problem.column === null ? [0, 0] : typedRange(tokens, problem.column);
    const at = tokens.find((token) => token.at === from && to > from);
    const instead =
      at?.kind === "function"
        ? nearestName(
            at.text,
            EXPRESSION_FUNCTIONS.map(({ name }) => name),
          )
        : null;
    return faultAt(
      at?.kind === "function" ? `There is no function “${at.text}”.` : sentence(problem.reason),
      from,
      to,
      instead,
    );
  }
  for (const token of tokens) {
    const end = token.at + token.text.length;
    const path = configPathOf(token);
    if (token.metric !== null && !projectNames.has(token.metric)) {
      const instead = nearestName(token.metric, projectNames.names);
      return faultAt(`No run has “${token.metric}”.`, token.at, end, instead && typed(instead));
    }
    if (path !== null && !projectNames.mayHaveConfig(path)) {
      const paths = projectNames.config.map((entry) => entry.path);
      const instead = nearestName(path, paths);
      return faultAt(`No run has a number “config.${path}”.`, token.at, end, instead && configText(instead));
    }
  }
  return null;
}

function faultAt(says: string, from: number, to: number, instead: string | null): ExpressionFault {
  return { says, from, to, instead, isAt: (token) => token.at >= from && token.at < to };
}

/** The server's words without the place, which is underlined: as a sentence. */
function sentence(reason: string): string {
  const [words = reason] = reason.split(/, at column \d+/);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
