import { useState } from "react";
import { formatFixed } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { CopyButton } from "@/ui/controls/copy-button";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { Slider } from "@/ui/controls/slider";
import { Switch } from "@/ui/controls/switch";
import { Tabs } from "@/ui/controls/tabs";
import { Combobox } from "@/ui/fields/combobox";
import { Field, NumberField, TextField } from "@/ui/fields/field";
import { SearchField } from "@/ui/fields/search-field";
import { TagsField } from "@/ui/fields/tags-field";
import { KeyHint } from "@/ui/keys/key-hint";
import { Tooltip } from "@/ui/overlays/tooltip";
import { Chip } from "@/ui/text/chip";
import { Tag } from "@/ui/text/tag";
import { Line, Specimens } from "./specimen";

export function ButtonSpecimens() {
  const [isOn, setOn] = useState(true);
  return (
    <Specimens title="Buttons">
      <Line name="Primary">
        <Button look="ink" icon="plus">
          Add panel
        </Button>
        <Button look="ink" disabled>
          Add panel
        </Button>
      </Line>
      <Line name="Plain">
        <Button>Compare</Button>
        <Button icon="filter">Filter</Button>
        <Button isOn={isOn} onClick={() => setOn(!isOn)}>
          Toggle
        </Button>
        <Button disabled>Compare</Button>
        <Button isSmall>Small</Button>
      </Line>
      <Line name="Quiet">
        <Button look="quiet" icon="undo">
          Reset
        </Button>
        <IconButton icon="gear" label="Settings" />
        <IconButton icon="gear" label="Settings, on" isOn />
        <IconButton icon="dots" label="More" isSmall />
        <CopyButton text="copied from the gallery" />
        <CopyButton text="copied from the gallery" label="Copy that" isIcon />
      </Line>
      <Line name="Danger">
        <Button look="danger">Delete</Button>
        <Button look="doom">Delete 3 runs</Button>
        <Button look="danger" disabled>
          Delete
        </Button>
      </Line>
      <Line name="Hints">
        <Tooltip label="What it does" keys="mod+k">
          <Button>Hover</Button>
        </Tooltip>
        <KeyHint keys="mod+shift+z" />
        <KeyHint keys="enter" />
        <KeyHint keys="left" />
      </Line>
    </Specimens>
  );
}

const COLUMNS = [
  "config.lr",
  "config.optimizer.name",
  "summary.val/loss",
  "summary.val/mIoU",
  "state",
  "tags",
];

export function FieldSpecimens() {
  const [text, setText] = useState("heron");
  const [isRegex, setRegex] = useState(true);
  const [number, setNumber] = useState<number | null>(0.28);
  const [column, setColumn] = useState("");
  const [tags, setTags] = useState<readonly string[]>(["ablation-2", "lovasz"]);
  return (
    <Specimens title="Fields">
      <Line name="Text">
        <TextField label="Name" value={text} hint="As people see it" onChange={setText} />
        <TextField
          label="Expression"
          isMono
          value="train/loss / val/los"
          error="val/los is not logged"
          onChange={noop}
        />
        <TextField label="Bare" isBare placeholder="No label in sight" value="" onChange={noop} />
        <TextField label="Disabled" isBare disabled value="disabled" onChange={noop} />
      </Line>
      <Line name="Search">
        <SearchField
          label="Search runs"
          width={220}
          value="her(on"
          isRegex={isRegex}
          error={isRegex ? "missing closing )" : null}
          onChange={noop}
          onRegex={setRegex}
        />
      </Line>
      <Line name="Number">
        <NumberField label="Lower end" value={number} placeholder="auto" onChange={setNumber} />
        <NumberField label="Rows" value={7} isWhole min={1} max={20} onChange={noop} />
      </Line>
      <Line name="Combobox">
        <Combobox
          label="Column"
          text={column}
          isMono
          suggestions={COLUMNS.filter((name) => name.includes(column)).map((value) => ({
            value,
            meta: value.split(".")[0],
          }))}
          onText={setColumn}
          onChoose={setColumn}
        />
      </Line>
      <Line name="Tags">
        <Field label="Tags">
          <TagsField label="Add a tag" tags={tags} suggestions={["baseline", "warmup"]} onChange={setTags} />
        </Field>
        <Tag>ablation-2</Tag>
        <Chip>
          <b>state</b> is finished
        </Chip>
        <Chip removeLabel="Remove the filter on lr" onRemove={noop} onClick={noop}>
          <b>lr</b> above 0.001
        </Chip>
      </Line>
    </Specimens>
  );
}

export function ChoiceSpecimens() {
  const [isOn, setOn] = useState(true);
  const [center, setCenter] = useState<"mean" | "median">("mean");
  const [axis, setAxis] = useState<"step" | "time" | "wall">("step");
  const [tab, setTab] = useState<"charts" | "media">("charts");
  const [amount, setAmount] = useState(0.6);
  return (
    <Specimens title="Choices">
      <Line name="On or off">
        <Checkbox label="Select" isOn={isOn} onChange={setOn} />
        <Checkbox label="Select" isOn={false} isMixed onChange={setOn} />
        <Checkbox label="Select" isOn={false} onChange={noop} />
        <Checkbox label="Select" isOn isDisabled onChange={noop} />
        <Checkbox label="Outliers" isOn={isOn} onChange={setOn}>
          Outliers
        </Checkbox>
        <Switch label="Legend" isOn={isOn} onChange={setOn} />
        <Switch label="Raw curve behind" isOn={!isOn} isLabelVisible onChange={(on) => setOn(!on)} />
        <Switch label="Disabled" isOn={false} isDisabled onChange={noop} />
      </Line>
      <Line name="One of a few">
        <SegmentedControl
          label="Middle"
          value={center}
          options={[
            { value: "mean", label: "Mean" },
            { value: "median", label: "Median" },
          ]}
          onChange={setCenter}
        />
        <Select
          label="X axis"
          isLabelVisible
          value={axis}
          options={[
            { value: "step", label: "Step" },
            { value: "time", label: "Relative time (process)", meta: "without pauses" },
            { value: "wall", label: "Wall time" },
          ]}
          onChange={setAxis}
        />
        <Select
          label="Small"
          isSmall
          isQuiet
          value="a"
          options={[
            { value: "a", label: "against baseline" },
            { value: "b", label: "against parent" },
          ]}
          onChange={noop}
        />
      </Line>
      <Line name="Slider">
        <Slider
          label="Smoothing"
          value={amount}
          min={0}
          max={0.99}
          step={0.01}
          format={twoDigits}
          onChange={setAmount}
        />
      </Line>
      <Line name="Tabs">
        <Tabs
          label="Parts"
          value={tab}
          tabs={[
            { value: "charts", label: "Charts" },
            { value: "media", label: "Media", count: 48 },
          ]}
          onChange={setTab}
        />
      </Line>
    </Specimens>
  );
}

function noop(): void {}

function twoDigits(value: number): string {
  return formatFixed(value, 2);
}
