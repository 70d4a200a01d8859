"""Files with votes or secrets are for their owner alone: 0600, also those made before."""

import logging
import os
import stat
from pathlib import Path

logger = logging.getLogger(__name__)

PRIVATE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def create_private(path: Path) -> bool:
    """Create an empty file for its owner alone; return False when there is one.

    Raises:
        OSError: It cannot be created.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
    except FileExistsError:
        return False
    return True


def make_private(path: Path) -> None:
    """Take a file's rights from everybody but its owner, and say so in the log.

    The file is not opened: closing it again would end the locks that SQLite has on it. Where rights
    cannot be changed, as on some network disks, that is logged and nothing more.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & _OTHERS:
            return
        path.chmod(mode & PRIVATE)
    except FileNotFoundError:
        return
    except OSError as error:
        logger.warning("%s stays open to other users of this machine: %s", path, error)
        return
    logger.warning("%s was open to other users (%03o): now %03o", path, mode, mode & PRIVATE)
