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
    stages=(Stage(2_900.0, 650.0, 136e3, 255.0, 0.95, 0.20),),
    payload_kg=500.0,
    beta_kgpm2=6_000.0,
    lift_to_drag=2.5,
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
    "mrbm": MRBM,
    "irbm": IRBM,
    "icbm-liquid": ICBM_LIQUID,
    "icbm-solid": ICBM_SOLID,
}
