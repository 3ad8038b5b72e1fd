import type { Run } from "@/api/types";
import type { ComparedEnvironment, ComparedRun } from "@/data/compare/compare-runs";

/**
 * A run as a comparison takes it.
 *
 * @param environment null: it is not compared, or not known yet
 */
export function comparedOf(run: Run, environment: ComparedEnvironment | null = null): ComparedRun {
  return {
    id: run.id,
    config: run.config as Record<string, unknown>,
    summary: run.summary as Record<string, unknown>,
    definitions: run.definitions.map((definition) => ({
      name: definition.name,
      summary: definition.summary ?? [],
      goal: definition.goal,
    })),
    facts: {
      state: run.state,
      exit_code: run.exit_code,
      user: run.user,
      host: run.host,
      group: run.group,
      job_type: run.job_type,
      tags: run.tags,
      notes: run.notes,
      created: run.created_micros,
    },
    ...(environment && { environment }),
  };
}
