"""What pyproject.toml cannot say: the wheel carries configs/ inside the package, as sim/configs."""

from setuptools import find_namespace_packages, find_packages, setup

setup(
    packages=[
        *find_packages(include=["sim", "sim.*", "experiments", "experiments.*"]),
        "sim.configs",
        *(f"sim.configs.{folder}" for folder in find_namespace_packages("configs")),
    ],
    package_dir={"sim.configs": "configs"},
    package_data={"": ["*.yaml", "*.csv", "*.html", "*.j2"]},
)
