"""Redaction: each documented format, what stays as it is, and the time that hostile text takes."""

from __future__ import annotations

import re
import string
import tracemalloc
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.records.secrets.redaction import REDACTED, Redactor

MIXED = "q3vXw81LmZ0pT7aB9cD4eF6gH2jK5nM8rS1tU0vW"
HEX = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.q3vXw81LmZ0pT7aB9cD4"

# Each is put together here, so that no scanner takes this file for one with secrets.
KEYS = {
    "aws": "AKIA" + "Q3VXW81LMZ0PT7AB",
    "github": "ghp_" + MIXED[:36],
    "gitlab": "glpat-" + MIXED[:20],
    "huggingface": "hf_" + MIXED[:34],
    "openai": "sk-proj-" + MIXED,
    "stripe": "sk_live_" + MIXED[:24],
    "slack": "xoxb-" + "123456789012-" + MIXED[:24],
    "google": "AIza" + MIXED[:35],
    "wandb": "wandb_v1_" + MIXED,
    "weft": "weft-" + HEX,
    "nvidia": "nvapi-" + MIXED,
    "npm": "npm_" + MIXED[:36],
    "pypi": "pypi-" + MIXED + MIXED,
    "jwt": JWT,
    "sendgrid": "SG." + MIXED[:22] + "." + MIXED[:40],
    "telegram": "123456789:AA" + MIXED[:33],
    "linear": "lin_api_" + MIXED,
    "databricks": "dapi" + HEX[:32],
    "replicate": "r8_" + MIXED[:37],
    "groq": "gsk_" + MIXED + MIXED[:12],
    "age": "AGE-SECRET-KEY-1" + (MIXED + MIXED).upper()[:58],
    "alibaba": "LTAI" + MIXED[:20],
    "atlassian": "ATATT3" + MIXED * 4,
    "azure": MIXED[:3] + "8Q~" + MIXED[:34],
    "buildkite": "bkua_" + HEX,
    "cerebras": "csk-" + MIXED + MIXED[:8],
    "circleci": "CCIPAT_" + MIXED[:22] + "_" + HEX,
    "digitalocean": "dop_v1_" + HEX + HEX[:24],
    "docker": "dckr_pat_" + MIXED[:27],
    "doppler": "dp.pt." + MIXED + MIXED[:3],
    "dynatrace": "dt0c01." + MIXED[:24].upper() + "." + (MIXED + MIXED)[:64].upper(),
    "elevenlabs": "sk_" + HEX + HEX[:8],
    "figma": "figd_" + MIXED,
    "fly": "fm2_" + MIXED + MIXED,
    "grafana": "glsa_" + MIXED[:32] + "_" + HEX[:8],
    "jina": "jina_" + MIXED + MIXED[:20],
    "kaggle": "KGAT_" + HEX[:32],
    "langchain": "lsv2_pt_" + HEX[:32] + "_" + HEX[:10],
    "mailgun": "key-" + HEX[:32],
    "neon": "napi_" + MIXED + MIXED[:24],
    "neptune": "eyJhcGlfYWRkcmVzcyI6" + MIXED + MIXED,
    "netlify": "nfp_" + MIXED,
    "newrelic": "NRAK-" + MIXED[:27].upper(),
    "notion": "ntn_" + MIXED + MIXED[:6],
    "onepassword": "ops_eyJ" + MIXED * 4,
    "perplexity": "pplx-" + MIXED + MIXED[:8],
    "pinecone": "pcsk_" + MIXED[:6] + "_" + MIXED + MIXED[:24],
    "planetscale": "pscale_tkn_" + MIXED,
    "postman": "PMAK-" + HEX[:24] + "-" + HEX[:34],
    "prefect": "pnu_" + MIXED[:36],
    "rubygems": "rubygems_" + HEX + HEX[:8],
    "runpod": "rpa_" + MIXED,
    "sentry": "sntrys_" + MIXED + MIXED,
    "shopify": "shpat_" + HEX[:32],
    "square": "sq0atp-" + MIXED[:22],
    "supabase": "sbp_" + HEX,
    "tavily": "tvly-dev-" + MIXED[:32],
    "terraform": MIXED[:14] + ".atlasv1." + MIXED + MIXED,
    "together": "tgp_v1_" + MIXED,
    "vault": "hvs." + MIXED,
    "xai": "xai-" + MIXED + MIXED,
}
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "q3vXw81LmZ"

LINES = {
    f"wandb login {HEX}": "wandb login ***",
    f"WANDB_API_KEY={HEX}": "WANDB_API_KEY=***",
    f'wandb.login(key="{HEX}")': 'wandb.login(key="***")',
    f"Authorization: Bearer {MIXED}": "Authorization: Bearer ***",
    f"curl -H 'authorization: Basic {MIXED}' x": "curl -H 'authorization: Basic ***' x",
    "python train.py --token hunter2 --lr 0.1": "python train.py --token *** --lr 0.1",
    "python train.py --db-password=hunter2": "python train.py --db-password=***",
    "DB_PASSWORD=hunter2": "DB_PASSWORD=***",
    '{"api_key": "hunter2", "lr": 0.1}': '{"api_key": "***", "lr": 0.1}',
    "password: 'correct horse'": "password: '***'",
    f"token: {MIXED}": "token: ***",
    "https://me:hunter2@example.org/x.git": "https://me:***@example.org/x.git",
    f"https://{MIXED}@example.org/x.git": "https://***@example.org/x.git",
    "postgresql://u:p%40ss@db:5432/x": "postgresql://u:***@db:5432/x",
    f"GET /x?access_token={MIXED}&page=2": "GET /x?access_token=***&page=2",
    f"https://hooks.slack.com/services/{MIXED}": "https://hooks.slack.com/services/***",
    "token: password: hunter2": "token: password: ***",
    f'run(["train", "--token", "{MIXED}"])': 'run(["train", "--token", "***"])',
    f'assert api_key == "{MIXED}"': 'assert api_key == "***"',
}

ORDINARY = [
    'add_argument("--token", "-t", help="read from the environment")',
    "epoch 3/10  step 1200  loss 0.2345  lr 3.0e-04  12.3 it/s  eta 00:12",
    "tokens: 12345  tokens/s: 3400.5  max_tokens=4096  n_tokens 17",
    "eos_token: <|endoftext|>  pad_token='[PAD]'  bos_token_id: 1",
    f"commit {HEX}",
    f"weft-{HEX[:39]} weft-{HEX}{HEX} weft-verify",
    f"HEAD is now at {HEX[:8]}",
    f"sha256:{HEX}{HEX[:24]}",
    "key: layers.10.attention.weight",
    "missing keys: ['model.layers.0.self_attn.q_proj.weight']",
    "tokenizer: meta-llama/Llama-3.1-8B-Instruct",
    "sk-learn-based-model  hf_model_name_or_path  hf_transformersbackend",
    "git@github.com:me/project.git ssh://git@example.org/x https://example.org/a:b/c",
    "PWD=/home/me/work",
    "export API_KEY=$API_KEY",
    "password = getpass.getpass()",
    "def connect(user: str, password: str | None = None) -> Token:",
    "api_key=os.environ['API_KEY']",
    "the bearer of this certificate12",
    "signal: SIGTERM  weights ok  high  asia",
    "passed 12 tests; login with Google at https://example.org/login",
    "-----BEGIN CERTIFICATE-----",
]


AROUND = ("{}", "found {} here", 'x = "{}"', "({})", "a={},b")


def test_known_keys_are_replaced_and_counted() -> None:
    faults: list[str] = []
    for kind, key in KEYS.items():
        for around in AROUND:
            redactor = Redactor()
            is_right = redactor.text(around.format(key)) == around.format(REDACTED)
            is_named = around != "{}" or redactor.counts == {kind: 1}
            if not is_right or not is_named or sum(redactor.counts.values()) != 1:
                faults.append(f"{kind} in {around}: {redactor.counts}")
    assert faults == []


def test_values_next_to_telling_names_are_replaced() -> None:
    faults: list[str] = []
    for line, expected in LINES.items():
        redactor = Redactor()
        # what is replaced already is not counted again
        counted = [
            (redactor.text(text), sum(redactor.counts.values())) for text in (line, expected)
        ]
        if counted != [(expected, 1), (expected, 1)]:
            faults.append(f"{line}: {counted}")
    assert faults == []


@pytest.mark.parametrize(
    "line",
    [
        f"{KEYS['aws']},{AWS_SECRET}",
        f"id {KEYS['aws']} secret {AWS_SECRET}",
        f"({AWS_SECRET}, {KEYS['aws']})",
        f"the AWS secret is {AWS_SECRET}",
        f"secret access key {AWS_SECRET}",
        f"{KEYS['aws']}\n{AWS_SECRET}\n",
    ],
)
def test_a_secret_key_of_aws_is_found_near_its_id_or_its_name(line: str) -> None:
    redactor = Redactor()
    assert redactor.text(line) == line.replace(KEYS["aws"], "***").replace(AWS_SECRET, "***")
    assert redactor.counts == {"aws": 1 + (KEYS["aws"] in line)}


def test_a_secret_key_of_aws_is_found_in_the_lines_after_its_id() -> None:
    redactor = Redactor()
    lines = [f"id {KEYS['aws']}", "", AWS_SECRET, HEX, AWS_SECRET]
    assert [redactor.line(line) for line in lines] == ["id ***", "", "***", HEX, AWS_SECRET]


def _digest(encoding: str, n_bytes: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=n_bytes, max_size=n_bytes).map(
        bytes.hex if encoding == "hex" else lambda data: b64encode(data).decode()
    )


@given(
    digest=st.one_of(
        _digest("hex", 4),
        _digest("hex", 16),
        _digest("hex", 20),
        _digest("hex", 32),
        _digest("base64", 30),
        _digest("base64", 32),
        _digest("base64", 64),
        st.uuids().map(str),
        st.from_regex(r"[a-z0-9]{8}", fullmatch=True),
    ),
    around=st.sampled_from(
        [
            "commit {}",
            "HEAD is now at {} fix",
            "sha256:{}",
            "sha512-{}",
            "run {} finished",
            "/data/{}/model-v1_{}.safetensors",
            "checkpoints/last_task_{}.pt",
            "wandb/run-20261126_131505-{}",
            "artifact-{}: digest {}",
            "etag={}",
            "layer_sk_{}x my-as-{}",
            "{}-us",
        ]
    ),
)
def test_hashes_ids_and_paths_stay(digest: str, around: str) -> None:
    redactor = Redactor()
    text = around.format(digest, digest)
    assert (redactor.text(text), redactor.line(text), redactor.code(text)) == (text, text, text)
    assert redactor.logged("checksum", text) == text
    assert redactor.value("checksum", text) == text


def test_files_full_of_hashes_stay() -> None:
    root = Path(__file__).parents[3]
    for path in (root / "requirements.lock", root / "web" / "package-lock.json"):
        text = path.read_text()
        assert Redactor().text(text) == text, path


def test_ordinary_lines_stay() -> None:
    faults: list[str] = []
    for line in ORDINARY:
        redactor = Redactor()
        texts = {redactor.text(line), redactor.line(line), redactor.code(line)}
        if texts != {line} or redactor.counts:
            faults.append(f"{line}: {texts}, {redactor.counts}")
    assert faults == []


def test_code_keeps_what_is_no_literal() -> None:
    code = Redactor().code
    for line in ["-    password: hunter", "+    return login(token=token, api_key=api_key)"]:
        assert code(line) == line
    assert code('+password = "hunter2"') == '+password = "***"'
    assert code("+DB_PASSWORD=hunter2") == "+DB_PASSWORD=***"
    assert code(f"+token: {MIXED}") == "+token: ***"
    assert code(f" url = https://a:{MIXED}@b/") == " url = https://a:***@b/"


PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpQIBAAKCAQEA0Zx\nq3vXw81LmZ0pT7aB==\n"
    "-----END RSA PRIVATE KEY-----"
)


def test_private_keys_are_replaced_whole_and_line_by_line() -> None:
    redactor = Redactor()
    assert redactor.text(f"a\n{PEM}\nb") == "a\n***\nb"
    assert redactor.code("\n".join(f"+{line}" for line in PEM.splitlines())) == "+***"
    assert redactor.counts == {"private_key": 2}
    lines = [redactor.line(line) for line in ["a", *PEM.splitlines(), "loss 0.5"]]
    assert lines == ["a", "***", "***", "***", "***", "loss 0.5"]
    cut = [redactor.line(line) for line in [*PEM.splitlines()[:2], "loss 0.5", "MIIEpQIBAAKCAQ"]]
    assert cut == ["***", "***", "loss 0.5", "MIIEpQIBAAKCAQ"]


def test_config_items_are_replaced_by_their_names() -> None:
    redactor = Redactor()
    config = {
        "lr": 0.1,
        "api": {"password": "hunter2", "max_tokens": 4096, "url": "https://a:b@c/"},
        "hf_token": "abc",
        "credentials": {"user": "me", "word": "abc"},
        "headers": [f"Bearer {MIXED}", "x"],
        "api_key": 1234,
        "eos_token": "</s>",
        "token": None,
        "secret": False,
        "tokenizer": "gpt2",
        "credentials_file": "/x/y.json",
    }
    assert {name: redactor.value(name, value) for name, value in config.items()} == {
        **config,
        "api": {"password": "***", "max_tokens": 4096, "url": "https://a:***@c/"},
        "hf_token": "***",
        "credentials": {"user": "***", "word": "***"},
        "headers": ["Bearer ***", "x"],
        "api_key": "***",
    }
    assert redactor.counts == {"named": 5, "url_password": 1, "authorization": 1}
    same = {"a": [1, {"b": "c"}]}
    assert redactor.value("model", same) is same


def test_variables_and_paths() -> None:
    given_ = {
        "HF_TOKEN": "abc",
        "GOOGLE_APPLICATION_CREDENTIALS": "/home/me/key.json",
        "PATH": "/usr/bin",
        "MASTER_ADDR": "10.0.0.1",
    }
    assert Redactor().variables(given_) == {**given_, "HF_TOKEN": "***"}


def test_own_patterns_are_replaced_and_off_means_off() -> None:
    redactor = Redactor([r"ACME-\d+", r"user=(?P<secret>\w+)"])
    assert redactor.line("ACME-12 user=me loss") == "*** user=*** loss"
    assert redactor.line("*** user=*** loss") == "*** user=*** loss"
    assert redactor.counts == {"pattern": 2}
    off = Redactor([r"ACME-\d+"], is_on=False)
    line = f"ACME-12 --token hunter2 {KEYS['aws']}"
    assert off.line(line) == off.text(line) == off.code(line) == line
    assert off.arguments(["--token", "x"]) == ["--token", "x"]
    assert off.value("password", "x") == "x"
    assert not off.counts


names = st.from_regex(r"[a-z]{1,8}([/._-][a-z]{1,8}){0,3}", fullmatch=True).filter(
    lambda name: not re.search("key|token|secret|pass|pwd|cred|cookie|sig|auth|bearer", name)
)


@given(st.lists(st.tuples(names, st.floats() | st.integers()), max_size=8))
def test_metrics_stay(metrics: list[tuple[str, float]]) -> None:
    for line in (
        " ".join(f"{name}: {value}" for name, value in metrics),
        ", ".join(f"{name}={value!r}" for name, value in metrics),
        "\n".join(f"/data/{name}/{value}.ckpt" for name, value in metrics),
    ):
        assert Redactor().line(line) == line


def test_keys_without_anything_between_them_are_all_redacted() -> None:
    rubygems, github = KEYS["rubygems"], KEYS["github"]
    assert Redactor().text(rubygems + github) == "******"
    assert Redactor().code(f"'{rubygems}{github}'") == "'******'"


pieces = st.sampled_from(
    [
        *KEYS.values(), *LINES, *ORDINARY, PEM, "password=", "token: ", "'", '"', "***", "=", ":",
        "://", "@", "-----BEGIN PRIVATE KEY-----", "\n", "İ", "bearer ", "--secret ",
    ]
)  # fmt: skip
texts = st.lists(pieces | st.text(max_size=6), max_size=8).map("".join)


@given(texts)
def test_redacting_again_changes_nothing_and_no_key_is_left(text: str) -> None:
    for redact in (Redactor().text, Redactor().code):
        once = redact(text)
        assert len(once) <= 3 * len(text)
        assert redact(once) == once


@given(st.text(alphabet=string.printable, max_size=40), st.sampled_from(sorted(KEYS)))
def test_a_key_is_found_among_anything(around: str, kind: str) -> None:
    assert KEYS[kind] not in Redactor().text(f"{around} {KEYS[kind]} {around}")


@pytest.mark.parametrize(
    "hostile",
    [
        "password=", "--token ", "://a:", "eyJ", "sk-", "-----BEGIN PRIVATE KEY-----", "key key=",
        "wandb login ", "a:b@://", "password='", "token=\"", "_" * 50 + "key=", "authorization:",
        "bearer ", "hf_" * 6 + " ", "eyJaaaaaaaaa.", "https://" + "a" * 300 + ":", "-" * 39,
        "\nMIIEpQIBAAKCAQEA0Zx", "xoxb-", "'key'", "İkey=",
    ],
)  # fmt: skip
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    """Quadratic code takes minutes here, which the limit of a test ends."""
    text = (hostile * (200_000 // len(hostile) + 1))[:200_000]
    assert len(Redactor().line(text)) <= 3 * len(text)


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_lines_of_one_shape_are_each_searched(kind: str) -> None:
    redactor = Redactor()
    line = f"step 12 {KEYS[kind]}"
    for digit in "123":
        other = re.sub(r"\d", digit, line)
        assert redactor.line(other) == Redactor().line(other)
        assert redactor.logged("note", other) == Redactor().logged("note", other)
    assert redactor.line(line) == Redactor().line(line) != line
    assert redactor.logged("note", line) == Redactor().logged("note", line) != line


def test_long_lines_that_all_differ_take_no_memory() -> None:
    redactor = Redactor()
    tracemalloc.start()
    for number in range(200):
        redactor.line(f"{chr(97 + number % 26)}{'x' * 50_000}{'yz'[number % 2]}")
        redactor.logged("note", chr(97 + number % 26) * 50_000)
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held_bytes < 1_000_000
