/** Lists that the server and the web app share. Made by `make api-types`. */

export const FIRST_SHOWN = 10 as const;

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
  "edited_by": {
    "kind": "text",
    "title": "Edited by",
    "isEdited": false
  },
  "locked_by": {
    "kind": "text",
    "title": "Locked by",
    "isEdited": false
  },
  "state": {
    "kind": "text",
    "title": "State",
    "isEdited": false
  },
  "reason": {
    "kind": "text",
    "title": "Reason",
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
  "locked": {
    "kind": "time",
    "title": "Locked",
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

export const AGGREGATE_GOALS = {
  "min": [
    "minimize"
  ],
  "max": [
    "maximize"
  ],
  "mean": [],
  "last": [],
  "first": [],
  "best": [
    "minimize",
    "maximize"
  ]
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

export const METRIC_WORDS = {
  "falling": "[a-z]*loss|[a-z]*error|err|perplexity|ppl|nll|[wc]er|(?:nr|r|n)?mse|r?msle|mae|s?mape|fid|lpips|d?rmsd|fape|clash(?:es)?|regret|latency|(?:run|wall)?time",
  "rising": "m?ap|acc|accuracy|auc|auroc|f1|precision|recall|score|rewards?|returns?|bleu|rouge|m?iou|dice|psnr|ssim|p?lddt|gdt|r2|ndcg|mrr|throughput|per_sec(?:ond)?",
  "qualifier": "top\\d*|\\d+|macro|micro|weighted|roc|[ln]|lsum|mean|avg|ema|train|val|valid|test|eval|ca",
  "held_out": "^(?:val|valid|validation|eval|evaluation|test|dev)[-/_.]",
  "score": "loss|error|score|(?<![a-z])(?:acc|m?iou|f1|[pr]?r?auc|auroc|m?ap|wer|cer|[nr]*mse|mae|bleu|rouge|recall|precision|ndcg|mrr|hit)",
  "likely": "loss|reward|return|acc|score",
  "counter": "(?:^|\\/)(?:(?:global|train|trainer)_)?(?:epochs?|steps?|iter(?:ation)?s?)$",
  "scheduled": "(?:^|[-/_.])(?:lr|learning_?rate|weight_?decay|momentum)(?:$|[-/_.])",
  "duration": "(?:^|[-/_.])(?:secs?|seconds?|millis|ms|minutes?|hours?|duration|latency|(?:[a-z]+_?)?time)$",
  "whole": "^(?:all|overall|total|avg|mean|macro|micro)$"
} as const;

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

export const MEDIA_KINDS = {
  "image": {
    "panel": "media",
    "icon": "image",
    "minWidthPx": 0,
    "endings": [
      "png",
      "jpg",
      "jpeg",
      "gif",
      "webp",
      "bmp",
      "avif",
      "svg",
      "ico"
    ],
    "isText": false
  },
  "video": {
    "panel": "media",
    "icon": "play",
    "minWidthPx": 160,
    "endings": [
      "mp4",
      "webm",
      "ogv",
      "mov",
      "m4v"
    ],
    "isText": false
  },
  "audio": {
    "panel": "media",
    "icon": "play",
    "minWidthPx": 220,
    "endings": [
      "wav",
      "mp3",
      "ogg",
      "flac",
      "m4a",
      "opus"
    ],
    "isText": false
  },
  "html": {
    "panel": "media",
    "icon": "code",
    "minWidthPx": 260,
    "endings": [
      "html",
      "htm"
    ],
    "isText": true
  },
  "object3d": {
    "panel": "media",
    "icon": "box",
    "minWidthPx": 220,
    "endings": [
      "pts.json",
      "obj",
      "stl",
      "gltf",
      "glb"
    ],
    "isText": false
  },
  "molecule": {
    "panel": "media",
    "icon": "box",
    "minWidthPx": 220,
    "endings": [
      "pdb",
      "xyz"
    ],
    "isText": false
  },
  "plotly": {
    "panel": "media",
    "icon": "chart",
    "minWidthPx": 260,
    "endings": [
      "plotly.json"
    ],
    "isText": false
  },
  "bokeh": {
    "panel": "media",
    "icon": "chart",
    "minWidthPx": 260,
    "endings": [
      "bokeh.json"
    ],
    "isText": false
  },
  "table": {
    "panel": "table",
    "icon": "table",
    "minWidthPx": 0,
    "endings": [
      "parquet",
      "csv",
      "tsv"
    ],
    "isText": false
  },
  "chart": {
    "panel": "chart",
    "icon": "chart",
    "minWidthPx": 0,
    "endings": [],
    "isText": false
  },
  "graph": {
    "panel": "media",
    "icon": "branch",
    "minWidthPx": 260,
    "endings": [
      "graph.json"
    ],
    "isText": false
  },
  "histogram": {
    "panel": "histogram",
    "icon": "chart",
    "minWidthPx": 0,
    "endings": [],
    "isText": false
  }
} as const;

export const OBJECT_NOUNS = {
  "image-file": "image",
  "images/separated": "images",
  "video-file": "video",
  "videos": "videos",
  "audio-file": "audio",
  "audio": "audio files",
  "html-file": "HTML",
  "html": "HTML pages",
  "object3D-file": "3D object",
  "object3D": "3D objects",
  "molecule-file": "molecule",
  "molecule": "molecules",
  "plotly-file": "figure",
  "bokeh-file": "figure",
  "table-file": "table",
  "incremental-table-file": "table",
  "joined-table": "joined table",
  "partitioned-table": "table in parts",
  "custom-chart": "chart",
  "graph-file": "graph",
  "histogram": "histogram"
} as const;
