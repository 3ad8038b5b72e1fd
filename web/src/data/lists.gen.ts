/** Lists that the server and the web app share. Made by `make api-types`. */

export const RUN_COLUMNS = {
  "id": {
    "kind": "text",
    "title": "Id",
    "isEdited": false
  },
  "name": {
    "kind": "text",
    "title": "Name",
    "isEdited": true
  },
  "notes": {
    "kind": "text",
    "title": "Notes",
    "isEdited": true
  },
  "tags": {
    "kind": "texts",
    "title": "Tags",
    "isEdited": true
  },
  "group": {
    "kind": "text",
    "title": "Group",
    "isEdited": true
  },
  "job_type": {
    "kind": "text",
    "title": "Job type",
    "isEdited": true
  },
  "sweep": {
    "kind": "text",
    "title": "Sweep",
    "isEdited": false
  },
  "user": {
    "kind": "text",
    "title": "User",
    "isEdited": false
  },
  "state": {
    "kind": "text",
    "title": "State",
    "isEdited": false
  },
  "host": {
    "kind": "text",
    "title": "Host",
    "isEdited": false
  },
  "created": {
    "kind": "time",
    "title": "Created",
    "isEdited": false
  },
  "started": {
    "kind": "time",
    "title": "Started",
    "isEdited": false
  },
  "arrived": {
    "kind": "time",
    "title": "Arrived",
    "isEdited": false
  },
  "ended": {
    "kind": "time",
    "title": "Ended",
    "isEdited": false
  },
  "heartbeat": {
    "kind": "time",
    "title": "Heard of",
    "isEdited": false
  },
  "runtime": {
    "kind": "seconds",
    "title": "Runtime",
    "isEdited": false
  },
  "used": {
    "kind": "texts",
    "title": "Used artifacts",
    "isEdited": false
  },
  "logged": {
    "kind": "texts",
    "title": "Logged artifacts",
    "isEdited": false
  }
} as const;

export const AGGREGATES = {
  "min": "lowest finite number",
  "max": "highest finite number",
  "mean": "mean of the finite numbers",
  "last": "last value",
  "first": "first number",
  "best": "minimum, or maximum if that is the goal"
} as const;

export const RUN_STATES = [
  "pending",
  "running",
  "finished",
  "failed",
  "crashed",
  "killed",
  "preempting",
  "preempted"
] as const;

export const OPERATORS = [
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "in",
  "contains",
  "regex",
  "exists"
] as const;

export const CHART_AXES = [
  "step",
  "time",
  "time_wall",
  "wall",
  "metric",
  "expression",
  "defined"
] as const;

export const CENTERS = [
  "mean",
  "median"
] as const;

export const BANDS = [
  "minmax",
  "std",
  "stderr",
  "ci95"
] as const;
