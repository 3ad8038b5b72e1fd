/**
 * The request of a list of runs, and its rows.
 */

import type { GroupsRequest, RunGroup } from "@/api/runs/groups";
import type { RowsRequest } from "@/api/runs/run-requests";
import type { Row } from "@/data/runs/run-rows";

/** The request of a list of runs: which runs, their order and groups, with which columns and figures. */
export interface RunsRequest extends RowsRequest, GroupsRequest {}

export type RunsListRow = Row<RunGroup>;
