"""Refuses words that this project replaced by plainer ones, in names too: `python tests/lint_words.py`.

Each entry is a pattern and what to write instead; CONTRIBUTING.md, "Language", refers to this list.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).parent.parent
WORDS = {
    r"\b(told|tells|said)\b": "reports, is reported, message, output",
    r"\banew\b|\bonce more\b": "again",
    r"\bmend(s|ed|ing)?\b": "fix, repair",
    r"\bbeside\b": "next to, in addition to",
    r"\bformer\b": "previous",
    r"\bfor good\b": "permanently",
    r"\bgone\b|\btaken? out\b": "missing, removed",
    r"\bsee (that|whether|if)\b": "check that, check whether",
    r"\blearns? of\b": "pick up, reload",
    r"\bbrought\b": "uploaded, copied, provided",
    r"(?<!there )\b(is|are) no (?!longer)[a-z]": "is not a ...",
    r"\b(has|have) not\b": "lacks, is missing",
    r"\bstands? (in|under|there|twice|where|between|below|beside|behind|for)\b": "is defined in, is listed in, means",
    r"\bnouns?\b": "term, inventory group",
    r"\brelays?\b": "file transfer",
    r"\banchors?\b(?!, merges|:)": "host resource",
    r"\bjudge[sd]?\b": "check, evaluate",
    r"\btwins?\b": "copy",
    r"\bfurnish(es|ed)?\b": "add data to",
    r"\bname spaces?\b": "namespace",
    r"\blaid over\b": "merged into",
    r"\bends? well\b": "succeeds",
    r"\bcarr(y|ies|ied) on\b": "continue",
    r"\bfollow one another\b": "each test continues from the one before",
    r"\bholds? that\b": "assert that",
    r"\bsays? whether\b": "return whether",
    r"\bremarks?\b": "comment",
    r"\bin clear\b(?! text)": "in plain text",
    r"\bstand-?ins?\b|\bstand in for\b": "fake",
    r"\bdress(es|ed)?\b": "os image",
}
PLACES = ("components", "lab", "policy", "stacks", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "tests")
EXCLUDED = (":!tests/lint_words.py", ":!tests/unit/test_words.py")  # they list the words
TEXT = {".go", ".md", ".py", ".sh", ".spec", ".txt", ".yaml"}


def findings(name: str, text: str) -> Iterator[str]:
    """Yield a line for each replaced word, also inside names: FILE:LINE: word; what to write."""
    for number, line in enumerate(text.replace("_", " ").splitlines(), start=1):
        for pattern, instead in WORDS.items():
            for match in re.finditer(pattern, line, re.IGNORECASE):
                yield f"{name}:{number}: {match[0]!r} is replaced in this project; write: {instead}"


def files(places: Sequence[str] = PLACES) -> Iterator[Path]:
    """Yield the tracked texts that are checked."""
    listed = subprocess.run(
        ["git", "ls-files", *places, *EXCLUDED], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    yield from (
        PROJECT / name for name in listed.splitlines() if Path(name).suffix in TEXT and (PROJECT / name).exists()
    )


def main() -> int:
    """Print all findings; return 1 if there are any."""
    lines = [line for file in files() for line in findings(str(file.relative_to(PROJECT)), file.read_text())]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
