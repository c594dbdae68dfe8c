# SPDX-License-Identifier: Apache-2.0
"""A disk that a test can fill: a tmpfs of its own below the test's folder, gone when the test ends."""
import subprocess


def small_disk(test, folder, size):
    """Mounts it, of size as mount(8) takes it ("2m"), for a unittest.TestCase; answers its path."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "clawback-test", disk], check=True)
    test.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
    return disk
