"""What can compute here is found out and said; what a device gives up with comes out as a sentence."""

import warnings
from types import SimpleNamespace

import pytest
import torch

from rnntui.errors import DeviceError, InputError, StorageError
from rnntui.lm.hardware.devices import (
    CPU,
    find_device,
    find_devices,
    is_out_of_memory,
    open_device,
    translate_device_errors,
)
from rnntui.settings import DEVICES
from tests.pretended_device import pretended


@pytest.fixture
def _cuda_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A torch that was built with CUDA, on a machine without a card."""
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_the_processor_is_always_there() -> None:
    assert open_device("cpu") == CPU
    assert [device.name for device in find_devices()] == list(DEVICES)
    assert find_device("cpu").refusal == ""


@pytest.mark.skipif(torch.version.cuda is not None, reason="this torch has CUDA")
def test_a_build_without_cuda_says_so() -> None:
    assert find_device("cuda").refusal == "torch is a build without CUDA"
    with pytest.raises(InputError, match="cuda here: torch is a build without CUDA") as problem:
        open_device("cuda")
    assert problem.value.next_step == "Use --device cpu, or auto."


@pytest.mark.skipif(torch.backends.mps.is_built(), reason="this torch has mps")
def test_a_build_without_mps_says_so() -> None:
    assert find_device("mps").refusal == "torch is a build without mps"


@pytest.mark.usefixtures("_cuda_build")
def test_a_machine_without_a_card_is_told_from_a_build_without_cuda() -> None:
    assert find_device("cuda").refusal.startswith(
        "there is no NVIDIA card, or its driver is not installed (no driver answers"
    )


@pytest.mark.usefixtures("_cuda_build")
def test_a_driver_that_is_too_old_is_said_in_harmless_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_available() -> bool:
        warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old\x1b[31m.\nPlease", stacklevel=2)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", is_available)
    monkeypatch.setattr(torch._C, "_cuda_getDriverVersion", lambda: 11_040, raising=False)
    assert find_device("cuda").refusal == (
        "CUDA initialization: The NVIDIA driver on your system is too old␛[31m "
        "(the driver knows CUDA 11.4, torch was built for CUDA 12.8)"
    )


@pytest.mark.usefixtures("_cuda_build")
def test_a_card_that_cannot_compute_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def ones(*_sizes: int, device: torch.device) -> torch.Tensor:
        raise RuntimeError(
            f"CUDA error: no kernel image is available for execution on the device {device}\nCUDA kernel"
        )

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _number: CARD)
    monkeypatch.setattr(torch, "ones", ones)
    assert "does not compute: CUDA error: no kernel image is available" in find_device("cuda").refusal


CARD = SimpleNamespace(name="NVIDIA \x1b[1mT4", total_memory=16 * 2**30)


@pytest.mark.usefixtures("_cuda_build")
def test_a_card_that_computes_is_described_and_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _number: CARD)
    monkeypatch.setattr(torch._C, "_cuda_getDriverVersion", lambda: 12_090, raising=False)
    monkeypatch.setattr("rnntui.lm.hardware.devices._round_like_a_processor", lambda: None)
    with pretended("cuda") as card:
        assert find_device("cuda").described == (
            "NVIDIA ␛[1mT4 with 16.0 GiB; the driver knows CUDA 12.9, torch was built for CUDA 12.8"
        )
        assert open_device("cuda") == card


OUT_OF_MEMORY = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.0 GB). Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: can't allocate memory"),
)


@pytest.mark.parametrize("problem", OUT_OF_MEMORY, ids=lambda problem: str(problem)[:20])
def test_full_memory_is_one_sentence_without_foreign_words(problem: RuntimeError) -> None:
    assert is_out_of_memory(problem)
    sentence = pytest.raises(DeviceError, match=r"^The memory of cuda is full\. Close other programs")
    with sentence as said, translate_device_errors(torch.device("cuda", 0)):
        raise problem
    assert "Tried" not in str(said.value)


def test_an_operation_that_a_card_lacks_is_named() -> None:
    foreign = "The operator 'aten::_thnn_fused' is not currently implemented for the MPS device.\nIf you want"
    sentence = pytest.raises(DeviceError, match="lacks an operation of the network on mps: The operator")
    with sentence as said, translate_device_errors(torch.device("mps", 0)):
        raise NotImplementedError(foreign)
    assert said.value.next_step == "Use --device cpu."


@pytest.mark.parametrize("problem", [StorageError("The disk is full."), RuntimeError("a bug"), ValueError("another")])
def test_other_problems_stay_what_they_are(problem: Exception) -> None:
    with pytest.raises(type(problem)) as said, translate_device_errors(CPU):
        raise problem
    assert said.value is problem
