"""The base keeps the contract of plugins."""

from collections.abc import Mapping
from typing import ClassVar

from core.testing import PluginContract


class TestContract(PluginContract):
    slug = "diecasting"
    answers: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "teaching": {
            "trainees": [{"name": "学员01", "id_number": "999999200001010011", "safety_until": "2099-12-31"}],
        },
        "trial": {
            "mould_length": "400",
            "mould_width": "400",
            "mould_thickness": "300",
            "clamping_force": "1200",
            "shot_weight": "1.2",
        },
    }
