"""Checks of the exercises: ``ex_03_1(answer)`` and its like, ``hint``, ``summary``, ``save`` and ``load``."""

from helpers.checks.base import hint, load, save, summary
from helpers.checks.lesson_00 import ex_00_1, ex_00_2, ex_00_3
from helpers.checks.lesson_01 import ex_01_1, ex_01_2, ex_01_3, ex_01_4, ex_01_5
from helpers.checks.lesson_02 import ex_02_1, ex_02_2, ex_02_3, ex_02_4, ex_02_5
from helpers.checks.lesson_03 import ex_03_1, ex_03_2, ex_03_3, ex_03_4
from helpers.checks.lesson_04 import ex_04_1, ex_04_2, ex_04_3, ex_04_4
from helpers.checks.lesson_05 import ex_05_1, ex_05_2, ex_05_3, ex_05_4, ex_05_5
from helpers.checks.lesson_06 import ex_06_1, ex_06_2, ex_06_3, ex_06_4
from helpers.checks.lesson_07 import ex_07_1, ex_07_2, ex_07_3, ex_07_4
from helpers.checks.lesson_08 import ex_08_1, ex_08_2, ex_08_3, ex_08_4, ex_08_5
from helpers.checks.lesson_09 import ex_09_1, ex_09_2, ex_09_3, ex_09_4, ex_09_5, ex_09_6
from helpers.checks.lesson_10 import ex_10_1, ex_10_2, ex_10_3, ex_10_4
from helpers.checks.lesson_11 import ex_11_1, ex_11_2, ex_11_3, ex_11_4
from helpers.checks.lesson_12 import ex_12_1, ex_12_2, ex_12_3, ex_12_4, ex_12_5
from helpers.checks.lesson_13 import ex_13_1, ex_13_2, ex_13_3, ex_13_4, ex_13_5
from helpers.checks.lesson_14 import ex_14_1, ex_14_2, ex_14_3, ex_14_4, ex_14_5
from helpers.checks.lesson_15 import ex_15_1, ex_15_2, ex_15_3, ex_15_4, ex_15_5, ex_15_6

__all__ = [
    "ex_00_1",
    "ex_00_2",
    "ex_00_3",
    "ex_01_1",
    "ex_01_2",
    "ex_01_3",
    "ex_01_4",
    "ex_01_5",
    "ex_02_1",
    "ex_02_2",
    "ex_02_3",
    "ex_02_4",
    "ex_02_5",
    "ex_03_1",
    "ex_03_2",
    "ex_03_3",
    "ex_03_4",
    "ex_04_1",
    "ex_04_2",
    "ex_04_3",
    "ex_04_4",
    "ex_05_1",
    "ex_05_2",
    "ex_05_3",
    "ex_05_4",
    "ex_05_5",
    "ex_06_1",
    "ex_06_2",
    "ex_06_3",
    "ex_06_4",
    "ex_07_1",
    "ex_07_2",
    "ex_07_3",
    "ex_07_4",
    "ex_08_1",
    "ex_08_2",
    "ex_08_3",
    "ex_08_4",
    "ex_08_5",
    "ex_09_1",
    "ex_09_2",
    "ex_09_3",
    "ex_09_4",
    "ex_09_5",
    "ex_09_6",
    "ex_10_1",
    "ex_10_2",
    "ex_10_3",
    "ex_10_4",
    "ex_11_1",
    "ex_11_2",
    "ex_11_3",
    "ex_11_4",
    "ex_12_1",
    "ex_12_2",
    "ex_12_3",
    "ex_12_4",
    "ex_12_5",
    "ex_13_1",
    "ex_13_2",
    "ex_13_3",
    "ex_13_4",
    "ex_13_5",
    "ex_14_1",
    "ex_14_2",
    "ex_14_3",
    "ex_14_4",
    "ex_14_5",
    "ex_15_1",
    "ex_15_2",
    "ex_15_3",
    "ex_15_4",
    "ex_15_5",
    "ex_15_6",
    "hint",
    "load",
    "save",
    "summary",
]
