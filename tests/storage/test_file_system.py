"""SQLite is refused on network disks, where its log does not work, and said why."""

from pathlib import Path

import pytest

from arena.storage.file_system import network_file_system
from arena.storage.location import UnusableLedger
from arena.storage.opening import check_ledger_file

NETWORK = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "lustre",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.rclone",
]
LOCAL = ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "fuse.fuse-overlayfs", "9p"]


def mounts(folder: Path, *lines: str) -> Path:
    file = folder / "mounts"
    file.write_text("".join(f"{line}\n" for line in ("/dev/sda1 / ext4 rw 0 0", *lines)))
    return file


@pytest.mark.parametrize("kind", NETWORK)
def test_a_network_disk_is_recognised(kind: str, tmp_path: Path) -> None:
    listed = mounts(tmp_path, f"server:/x {tmp_path}/share {kind} rw 0 0")
    assert network_file_system(tmp_path / "share" / "db" / "arena.sqlite3", listed) == kind
    assert network_file_system(tmp_path / "arena.sqlite3", listed) is None


@pytest.mark.parametrize("kind", LOCAL)
def test_a_disk_of_this_machine_is_none(kind: str, tmp_path: Path) -> None:
    listed = mounts(tmp_path, f"what {tmp_path}/disk {kind} rw 0 0")
    assert network_file_system(tmp_path / "disk" / "arena.sqlite3", listed) is None


def test_the_innermost_and_newest_mount_counts(tmp_path: Path) -> None:
    share = f"server:/x {tmp_path} nfs rw 0 0"
    inside = mounts(tmp_path, share, f"/dev/sdb1 {tmp_path}/local ext4 rw 0 0")
    assert network_file_system(tmp_path / "local" / "a", inside) is None
    assert network_file_system(tmp_path / "a", inside) == "nfs"
    over = mounts(tmp_path, share, f"/dev/sdb1 {tmp_path} ext4 rw 0 0")
    assert network_file_system(tmp_path / "a", over) is None


def test_spaces_in_places_and_links_are_followed(tmp_path: Path) -> None:
    listed = mounts(tmp_path, f"server:/x {tmp_path}/my\\040share nfs4 rw 0 0", "broken")
    (tmp_path / "my share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "my share")
    assert network_file_system(tmp_path / "link" / "arena.sqlite3", listed) == "nfs4"


def test_without_a_list_of_mounts_nothing_is_refused(tmp_path: Path) -> None:
    assert network_file_system(tmp_path / "arena.sqlite3", tmp_path / "none") is None


@pytest.mark.parametrize("create", [True, False])
def test_a_ledger_on_a_network_disk_is_refused_with_the_reason_and_what_to_do(
    create: bool, tmp_path: Path
) -> None:
    listed = mounts(tmp_path, f"server:/x {tmp_path}/share nfs rw 0 0")
    (tmp_path / "share").mkdir()
    url = f"sqlite:///{tmp_path}/share/arena.sqlite3"
    if not create:
        (tmp_path / "share" / "arena.sqlite3").touch()
    with pytest.raises(UnusableLedger) as caught:
        check_ledger_file(url, create=create, mounts=listed)
    said = str(caught.value)
    assert "is on a network disk (nfs)" in said
    assert "loses votes" in said
    assert "--database-url" in said
    assert "\n" not in said
