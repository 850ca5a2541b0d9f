"""Files are measured as a stream: what comes out is what measuring them as one text gives."""

from pathlib import Path

import pytest

from rnntui.errors import CorpusError
from rnntui.events import Preparing
from rnntui.lm import parallel_rows
from rnntui.lm.evaluation import baseline_bits, measure
from rnntui.lm.progress import run_to_end
from rnntui.lm.text.overlap import overlap_share
from rnntui.paths import find_paths
from rnntui.service.evaluation import Evaluation, evaluate
from rnntui.service.model_loader import load_model
from rnntui.service.services import Services
from tests.small_models import TEXT, save_small_model


def _evaluated(files: list[Path]) -> tuple[list[Preparing], Evaluation]:
    services = Services(find_paths())
    save_small_model(services.library)
    *told, found = evaluate(services.library, services.find_model("small"), files)
    assert isinstance(found, Evaluation)
    return [event for event in told if isinstance(event, Preparing)], found


def _files(folder: Path, *texts: str) -> list[Path]:
    files = [folder / f"{number}.txt" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return files


@pytest.mark.parametrize("at_once", [7, 50, 1 << 17])
def test_files_in_pieces_cost_what_they_cost_as_one_text(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel_rows, "MOST_AT_ONCE", at_once)
    texts = (TEXT.strip("\n"), "the unheard-of cat saw the dog.\n\nAnd 7 dogs saw it")
    told, found = _evaluated(_files(tmp_path, *texts))
    services = Services(find_paths())
    loaded = load_model(services.library, services.find_model("small"))
    whole = "\n\n".join(texts)
    measured = measure(loaded.model, loaded.tokenizer, whole, loaded.mixture)
    assert found.bits_per_character == pytest.approx(measured.bits_per_character, rel=1e-6)
    assert found.mixture_bits_per_character == pytest.approx(measured.mixture_bits_per_character, rel=1e-6)
    assert (found.words, found.characters) == (measured.words, measured.characters)
    assert (found.spelled_words, found.unknown_characters) == (measured.spelled_words, measured.unknown_characters)
    assert found.baselines == pytest.approx(baseline_bits(loaded.counted_ids, loaded.tokenizer, whole), rel=1e-9)
    assert list(found.shares) == ["network", "counting", "recent words"]
    assert list(found.shares.values()) == pytest.approx(measured.shares)
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert loaded.counted_ids is not None
    asked = loaded.counted_ids.new_tensor(loaded.tokenizer.encode(whole))
    assert found.seen_share == run_to_end(overlap_share(loaded.counted_ids, asked, loaded.tokenizer)) > 0
    shares = [event.fraction for event in told if event.what == "measuring"]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_a_file_without_words_among_others_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r'"1\.txt" has no text'):
        _evaluated(_files(tmp_path, TEXT, "\n \n"))
