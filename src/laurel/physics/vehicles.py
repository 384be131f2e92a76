"""Notional vehicles, one for each class, for exercises and tests.

None describes a real missile. Masses, thrusts and impulses are round numbers of the size that open literature
gives for the class, set so that published flights come out within a minute: Wright & Kadyshev 1994, "An Analysis
of the North Korean Nodong Missile"; Schiller 2012, "Characterizing the North Korean Nuclear Missile Threat";
Forden 2007, "GUI_Missile_Flyout" (staging, drag, reentry).
"""

from __future__ import annotations

from laurel.physics.boost import Stage, Vehicle

SRBM_QUASI_BALLISTIC = Vehicle(
    name="notional short-range, solid, quasi-ballistic",
    stages=(Stage(3_600.0, 700.0, 160e3, 255.0, 1.0, 0.22),),
    payload_kg=500.0,
    beta_kgpm2=6_000.0,
    lift_to_drag=2.5,
    dive_mps=800.0,
    rise_s=2.0,
    kick_s=6.0,
)

SRBM_BALLISTIC = Vehicle(
    name="notional short-range, one liquid stage",
    stages=(Stage(4_600.0, 1_100.0, 140e3, 235.0, 0.88, 0.12),),
    payload_kg=700.0,
    beta_kgpm2=3_500.0,
    rise_s=4.0,
    kick_s=8.0,
)

GLIDER = Vehicle(
    name="notional medium-range, solid booster under a glider",
    stages=(Stage(10_500.0, 1_200.0, 360e3, 260.0, 1.3, 0.40),),
    payload_kg=600.0,
    beta_kgpm2=9_000.0,
    lift_to_drag=2.0,
    dive_mps=1_000.0,
    rise_s=2.0,
    kick_s=6.0,
)

MRBM = Vehicle(
    name="notional medium-range, one liquid stage",
    stages=(Stage(12_900.0, 1_700.0, 295e3, 255.0, 1.36, 0.36),),
    payload_kg=700.0,
    beta_kgpm2=3_000.0,
    rise_s=6.0,
    kick_s=12.0,
)

IRBM = Vehicle(
    name="notional intermediate-range, two liquid stages",
    stages=(
        Stage(16_500.0, 1_700.0, 480e3, 265.0, 1.6, 0.45),
        Stage(5_000.0, 550.0, 140e3, 285.0, 1.4, coast_s=2.0),
    ),
    payload_kg=500.0,
    beta_kgpm2=5_000.0,
    rise_s=6.0,
    kick_s=12.0,
)

ICBM_LIQUID = Vehicle(
    name="notional intercontinental, two liquid stages",
    stages=(
        Stage(58_000.0, 4_200.0, 1_250e3, 270.0, 2.2, 1.2),
        Stage(16_000.0, 1_100.0, 320e3, 305.0, 2.2, coast_s=3.0),
    ),
    payload_kg=700.0,
    beta_kgpm2=8_000.0,
    rise_s=8.0,
    kick_s=15.0,
)

ICBM_SOLID = Vehicle(
    name="notional intercontinental, three solid stages",
    stages=(
        Stage(34_000.0, 3_000.0, 1_250e3, 272.0, 2.0, 1.0),
        Stage(11_000.0, 900.0, 470e3, 288.0, 2.0, coast_s=5.0),
        Stage(4_000.0, 350.0, 180e3, 290.0, 1.6, coast_s=10.0),
    ),
    payload_kg=700.0,
    beta_kgpm2=8_000.0,
    rise_s=3.0,
    kick_s=8.0,
)

VEHICLES = {
    "srbm-quasi-ballistic": SRBM_QUASI_BALLISTIC,
    "srbm": SRBM_BALLISTIC,
    "glider": GLIDER,
    "mrbm": MRBM,
    "irbm": IRBM,
    "icbm-liquid": ICBM_LIQUID,
    "icbm-solid": ICBM_SOLID,
}
