import { expect, test } from "vitest";
import { cutName, fittingName, textOfParts } from "./name-cut";
import { partsOfNames, tellingParts } from "./name-parts";

/** Letters are as wide as one another, and as the dots. */
function cut(name: string, room: number, names: readonly string[] = []): string {
  const parts = cutName(name, tellingParts(name, partsOfNames(names)), (spans) => {
    return textOfParts(name, spans).length <= room;
  });
  return textOfParts(name, parts);
}

test("a name that has room is whole, another one loses parts of its middle, and a word without parts letters", () => {
  expect(cut("warmup-then-cosine", 18)).toBe("warmup-then-cosine");
  expect(cut("warmup-then-cosine", 17)).toBe("warmup…cosine");
  expect(cut("warmup-then-cosine", 9)).toBe("…cosine");
  expect(cut("data.name", 7)).toBe("…name");
  expect(cut("warmup", 3)).toBe("…up");
  // a letter of two units is not cut in two
  expect(cut("日本語🎉日本語日本語日本語", 12)).toBe("日本語…語日本語日本語");
});

test("names that are alike are cut where they are the same", () => {
  const seeds = ["vit_b16-adamw-cosine-lr0.001-s1", "vit_b16-adamw-cosine-lr0.003-s2"];
  expect(cut(seeds[0]!, 20, seeds)).toBe("vit_b16…lr0.001-s1");
  const middle = [
    "resnet50-imagenet-lr1e-3-warmup-then-cosine",
    "resnet50-imagenet-lr3e-4-warmup-then-cosine",
  ];
  expect(cut(middle[1]!, 20, middle)).toBe("resnet50…lr3e-4…");
  expect(cut("another", 5, seeds)).toBe("ano…");
});

test("a cousin does not make telling what nearly all names share", () => {
  const names = [
    "llama3.1-8b-kill9",
    "llama3.1-8b-tulu3-lora-r16-lr2e-5-bs64-seed0",
    "llama3.1-8b-tulu3-lora-r64-lr2e-5-bs64-seed0",
    "llama3.1-8b-tulu3-lora-r8-lr1e-4-bs64-seed0",
    "llama3.1-8b-tulu3-full-lr2e-6-bs64-seed1",
  ];
  const shown = names.map((name) => cut(name, 24, names));
  expect(new Set(shown).size).toBe(names.length);
  expect(shown[2]).toMatch(/r64/);
  expect(shown[3]).toMatch(/r8-lr1e-4/);
  expect(shown[4]).toMatch(/full-lr2e-6.*seed1/);
});

test("names of two algorithms keep the algorithm, whatever they begin with", () => {
  const names = ["ppo", "sac"].flatMap((algorithm) =>
    [1, 2, 3].map((seed) => `HalfCheetah-v5__${algorithm}_continuous_action__${seed}__17623`),
  );
  expect(cut(names[0]!, 22, names)).toMatch(/ppo.*1/);
  expect(new Set(names.map((name) => cut(name, 16, names))).size).toBe(names.length);
});

test("a part that goes with another one makes room for what tells more", () => {
  const models = ["conformer-s", "conformer-m", "whisper-tiny", "whisper-base"];
  const names = models.flatMap((model, seed) =>
    ["0.001", "0.0003"].map((lr) => `${model}-960h-specaug-lr${lr}-bpe5k-ctc0.3-seed${seed}`),
  );
  expect(cut(names[2]!, 20, names)).toBe("conformer-m…lr0.001…");
  expect(cut(names[7]!, 22, names)).toBe("whisper-base…lr0.0003…");
  // with room enough, all that differs is there
  expect(cut(names[2]!, 28, names)).toMatch(/conformer-m.*lr0.001.*seed1/);
});

test("names of one family show the same columns", () => {
  const names = [
    "gbtree-covtype-fold4-0999",
    "dart-covtype-fold3-0998",
    "gbtree-covtype-fold2-0997",
    "gbtree-higgs-fold1-0996",
    "gblinear-higgs-fold4-0994",
    "dart-adult-fold3-0993",
    "gbtree-adult-fold0-0990",
  ];
  const shown = names.map((name) => cut(name, 15, names));
  expect(shown).toEqual([
    "gbtree…0999",
    "dart…fold3-0998",
    "gbtree…0997",
    "gbtree…0996",
    "gblinear…0994",
    "dart-adult…0993",
    "gbtree…0990",
  ]);
  // a stranger among them changes nothing
  expect(cut(names[4]!, 15, [...names, "baseline"])).toBe(shown[4]);
});

test("what a person wrote behind a name stays, and the name is cut as those beside it", () => {
  const names = [
    "llama-1b-bs2048-lr6e-4-wsd-qknorm-s1 BEST",
    "llama-410m-bs512-lr1e-3-wsd-mixB-s1",
    "llama-410m-bs512-lr6e-4-cosine-s2",
  ];
  for (const room of [8, 11, 15, 20, 30]) expect(cut(names[0]!, room, names), `${room}`).toMatch(/BEST$/);
  expect(names.map((name) => cut(name, 15, names))).toEqual([
    "…1b…qknorm…BEST",
    "…410m…wsd-mixB…",
    "llama…cosine-s2",
  ]);
  const seeds = [1, 2, 3].map((seed) => `llama-1b-bs2048-lr6e-4-wsd-s${seed}`);
  const marked = [...seeds, `${seeds[0]} BEST`];
  expect(marked.map((name) => cut(name, 16, marked))).toEqual([
    "llama-1b…wsd-s1",
    "llama-1b…wsd-s2",
    "llama-1b…wsd-s3",
    "llama-1b…s1 BEST",
  ]);
  // words behind most names are parts of them
  const curves = ["a-b-c loss", "a-b-d loss"];
  expect(partsOfNames(curves).marks.size).toBe(0);
  const groups = ["a-b-c, wsd", "a-b-c, cosine", "other"];
  expect(partsOfNames(groups).marks.size).toBe(0);
});

test("a piece of what most names begin with is no beginning", () => {
  const names = ["6e-4", "1e-3"].flatMap((rate) =>
    ["wsd", "cosine"].map((kind) => `llama-410m-bs512-lr${rate}-${kind}-s1`),
  );
  for (let room = 14; room < 40; room++)
    for (const name of names) expect(cut(name, room, names)).toMatch(/^(llama|…)/);
});

test("names that differ in three parts are told apart by all three", () => {
  const names = ["resnet50", "vit-like"].flatMap((model) =>
    ["0.1", "0.01"].flatMap((lr) =>
      [0, 1].map((seed) => `imagenet_${model}_adamw_lr${lr}_wd0.05_seed${seed}`),
    ),
  );
  const shown = names.map((name) => cut(name, 28, names));
  expect(new Set(shown).size).toBe(names.length);
  expect(shown[0]).toBe("…resnet50_adamw_lr0.1…seed0");
});

test("families are told from each other", () => {
  const names = ["exp-a-s1", "exp-a-s2", "base-run-extra-s1", "base-run-extra-s2"];
  const shown = names.map((name) => cut(name, 7, names));
  expect(new Set(shown).size).toBe(names.length);
});

test("names with as many parts that end in another kind are another family", () => {
  const seeds = [1, 3].map((i) => `convnext-tiny-imagenet1k-adamw-cosine-wd0.05-lr0.003-seed${i}`);
  const rates = [0, 2].map((i) => `resnet50d-imagenet1k-lr${i}e-5-warmup-then-cosine-augmented-ema`);
  const names = [...seeds, ...rates];
  expect(cut(seeds[0]!, 18, names)).toMatch(/^conv.*…seed1$/);
  expect(cut(rates[1]!, 18, names)).toMatch(/^res.*…lr2e-5…/);
});

test("parts are shortened before one that tells names apart is left out", () => {
  const speech = ["conformer-m", "whisper-small"].flatMap((model) =>
    ["bs64", "bs128"].flatMap((batch) =>
      [0, 1].map((seed) => `asr-cv17-multilingual-${model}-${batch}-specaug-seed${seed}`),
    ),
  );
  const horizons = ["etth1", "weather", "traffic"].flatMap((data) =>
    ["patchtst", "nbeats", "itransformer", "dlinear"].flatMap((model) =>
      [96, 336].map((horizon) => `${data}_${model}_h${horizon}_lookback512`),
    ),
  );
  for (const [names, room] of [
    [speech, 17],
    [horizons, 16],
  ] as const) {
    const shown = names.map((name) => cut(name, room, names));
    expect(new Set(shown).size).toBe(names.length);
    for (const text of shown) expect(text.length).toBeLessThanOrEqual(room);
  }
  // with less room than for a part, its start
  expect(cut(horizons[20]!, 9, horizons)).toBe("t…itr…96…");
  expect(cut(horizons[20]!, 6, horizons)).toBe("t·i·96");
  expect(cut(speech[6]!, 19, speech)).toBe("…whi…bs128…seed0");
  expect(cut(horizons[21]!, 18, horizons)).toBe("traffic_itr…h336…");
});

/** Runs of one project, of which the last two have another size. */
const SPEECH = [
  ...["conformer", "zipformer", "transformer"].flatMap((model) =>
    ["3e-4", "1e-3"].flatMap((lr) => [1, 2].map((seed) => `${model}-large-ls960-lr${lr}-seed${seed}`)),
  ),
  "conformer-large-ls100-lr1e-4-seed1",
  "conformer-large-ls100-lr1e-4-seed2",
  "conformer-large-ls960-lr3e-4-seed3",
  "transformer-small-ls960-lr3e-4-seed7",
  "conformer-small-ls960-lr5e-4-seed8",
];

test("what differs stays, even where other parts tell the names apart, and what goes with one of them does not", () => {
  // the data goes with the rate: ls100 is what lr1e-4 has
  expect(cut("conformer-small-ls960-lr5e-4-seed8", 28, SPEECH)).toBe("conformer-small…lr5e-4-seed8");
  expect(cut("conformer-large-ls960-lr3e-4-seed2", 28, SPEECH)).toBe("conformer-large…lr3e-4-seed2");
  for (const name of SPEECH) expect(cut(name, 28, SPEECH)).not.toMatch(/ls/);
  // with too little room the parts that tell most are left
  expect(cut("conformer-small-ls960-lr5e-4-seed8", 18, SPEECH)).toBe("conformer…seed8");
  // a number that each name has for itself does not stand for all else
  const series = ["tft", "nbeats"].flatMap((model) =>
    [96, 336].map((context) => `${model}-lr1e-3-ctx${context}`),
  );
  const numbered = series.map((name, i) => `${name}-s${i}`);
  expect(cut(numbered[3]!, 18, numbered)).toMatch(/nbe.*…ctx336-s3/);
});

/** Runs of four environments, of which one has a name of two parts, and a live run with the rate of another. */
const ROBOTS = [
  ...["ppo", "sac", "td3", "a2c"].flatMap((algorithm, i) =>
    ["walker2d", "humanoid-standup", "halfcheetah", "hopper"].flatMap((environment, j) =>
      ["1e-4", "3e-4", "1e-3"].map(
        (lr, k) => `${algorithm}-${environment}-lr${lr}-seed${[13, 8, 7][(i + j + k) % 3]}`,
      ),
    ),
  ),
  "ppo-halfcheetah-lr3e-4-seed99",
];

test("a word with a number in it is shortened to its letters, and what only other names need is left out", () => {
  for (const room of [13, 14, 16, 18, 20, 24]) {
    const shown = ROBOTS.map((name) => cut(name, room, ROBOTS));
    expect(new Set(shown).size, `with room for ${room} letters`).toBe(ROBOTS.length);
    for (const text of shown) expect(text.length).toBeLessThanOrEqual(room);
  }
  // a name of another number of parts is told from the rest by its first letters
  expect(cut("sac-humanoid-standup-lr1e-3-seed13", 14, ROBOTS)).toBe("sac-hum…1e-3…");
});

test("names that differ in five parts are told apart by the first letters of each", () => {
  const names = ["gru4rec", "bert4rec", "sasrec"].flatMap((model) =>
    [64, 128, 256].flatMap((size) =>
      ["1e-3", "3e-3", "1e-4"].flatMap((rate) =>
        [10, 50].flatMap((n) =>
          [1, 2].map((seed) => `two-tower-${model}-d${size}-lr${rate}-neg${n}-seed${seed}`),
        ),
      ),
    ),
  );
  const shown = names.map((name) => cut(name, 20, names));
  expect(new Set(shown).size).toBe(names.length);
  expect(shown[0]).toMatch(/gru.*64.*1e-3.*10.*1/);
});

test("where the first letters have too little room with dots, points are between them", () => {
  const names = ["gru4rec", "bert4rec", "sasrec"].flatMap((model) =>
    [64, 128, 256].flatMap((size) =>
      ["1e-3", "3e-4", "1e-4"].flatMap((rate) =>
        [10, 50].map((n) => `two-tower-${model}-d${size}-lr${rate}-neg${n}-seed${1 + (size % 3)}`),
      ),
    ),
  );
  expect(cut("two-tower-bert4rec-d256-lr1e-4-neg50-seed2", 13, names)).toBe("b·256·1e-4·50");
  expect(cut("two-tower-sasrec-d64-lr1e-4-neg10-seed2", 13, names)).toBe("s·d64·1e-4·10");
  const shown = names.map((name) => cut(name, 13, names));
  expect(new Set(shown).size).toBe(names.length);
});

test("names that would read the same with too little room are told from each other alone", () => {
  const names = partsOfNames([
    "alpha-small-x",
    "alpha-small-y",
    "alpha-large-x",
    "omega-small-x",
    "omega-large-y",
  ]);
  for (const room of [5, 6, 7, 8]) {
    const shown = [...names.texts].map((name) => fittingName(name, names, room, (text) => text.length));
    expect(new Set(shown).size, `with room for ${room} letters: ${shown}`).toBe(names.texts.size);
  }
});

test("values of a parameter are told apart by their ends where they begin alike", () => {
  const values = partsOfNames(["two-tower-sasrec", "two-tower-gru4rec", "two-tower-bert4rec"]);
  const shown = [...values.texts].map((value) => fittingName(value, values, 9, (text) => text.length));
  expect(shown).toEqual(["…sasrec", "…gru4rec", "…bert4rec"]);
  expect(fittingName("two-tower-sasrec", values, 16, (text) => text.length)).toBe("two-tower-sasrec");
});

test("names of several models keep their model, whose parts no other name needs, and a last word in capitals", () => {
  const towers = [64, 128, 256].flatMap((size) =>
    [4, 16].flatMap((n) => [1, 2].map((seed) => `two-tower-v3-emb${size}-neg${n}-lr1e-3-seed${seed}`)),
  );
  const others = [1, 2, 3].flatMap((seed) =>
    [64, 128].map((size) => `sasrec-v1-emb${size}-len200-lr1e-3-seed${seed}`),
  );
  const live = "sasrec-v2-emb256-len500-lr5e-4-LIVE";
  const names = [...towers, ...others, live];
  expect(cut(towers[11]!, 27, names)).toMatch(/^two.*emb256.*neg16.*2$/);
  expect(cut(live, 26, names)).toMatch(/^sas.*LIVE$/);
  for (const room of [18, 22, 26, 30])
    expect(new Set(names.map((name) => cut(name, room, names))).size, `${room}`).toBe(names.length);
  // among few others, the common beginning tells nothing
  expect(cut(towers[11]!, 20, [...towers, live])).toBe("…emb256-neg16…seed2");
  // capitals behind most names are a part like others
  expect(cut("a-b-c-PPO", 8, ["a-b-c-PPO", "a-b-c-SAC"])).toMatch(/PPO$/);
});

/** Names as people have them. */
const PROJECTS: Record<string, readonly string[]> = {
  SPEECH,
  ROBOTS,
  recommenders: ["movielens-25m", "amazon-books", "yelp"].flatMap((data) => [
    ...["sasrec", "lightgcn", "two-tower", "bpr-mf"].flatMap((model, layers) => [
      ...[0, 1, 2].map((seed) => `${model}-${data}-d64-l${layers}-neg100-lr1e-3-seed${seed}`),
      `${model}-${data}-d128-l${layers}-neg200-lr3e-4-seed0`,
      `${model}-${data}-d128-l${layers}-neg50-lr3e-3-seed0`,
    ]),
    `sasrec-${data}-d64-l4-neg100-lr1e-3-seed1`,
    `two-tower-${data}-d64-l3-neg100-lr1e-3-long`,
  ]),
  trees: [10, 100, 1000].flatMap((trees) =>
    [3, 13].flatMap((depth) =>
      [0.1, 0.01].map((rate) => `xgb_higgs_trees${trees}_depth${depth}_lr${rate}_2026-12-01`),
    ),
  ),
  sweeps: Array.from({ length: 30 }, (_, i) => `vit_b16.imagenet.lr=${i % 3}.${i % 7}e-4.trial-${i}`),
};

test.each(Object.entries(PROJECTS))(
  "of names of %s no number loses digits, no word is cut that has room, and all are told apart",
  (_, names) => {
    const parts = partsOfNames(names);
    for (let room = 12; room <= 48; room++) {
      const shown = names.map((name) => fittingName(name, parts, room, (text) => text.length));
      if (room >= 24) expect(new Set(shown).size, `${room}`).toBe(names.length);
      for (const [i, text] of shown.entries()) {
        const name = names[i]!;
        expect(text.length).toBeLessThanOrEqual(room);
        const numbers = name.match(/\d+/g) ?? [];
        for (const number of text.match(/\d+/g) ?? [])
          expect(numbers, `${text} of ${name}`).toContain(number);
        if (room < 32) continue;
        const words = name.split(/[-_/.=]/);
        for (const word of text.split(/[-_/.=…]/).filter(Boolean))
          expect(words, `${text} of ${name}`).toContain(word);
      }
    }
  },
);
