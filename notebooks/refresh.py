"""Run the notebooks beside this file and write their outputs into them: `make notebooks`."""

from pathlib import Path
from typing import Any

import nbclient
import nbformat

HERE = Path(__file__).parent


def execute(path: Path, folder: Path) -> Any:
    """Return a notebook with the outputs of running it in `folder`, without progress and notes."""
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    return notebook


if __name__ == "__main__":
    for path in sorted(HERE.glob("*.ipynb")):
        nbformat.write(execute(path, HERE), path)
        print(f"wrote {path.name}")
