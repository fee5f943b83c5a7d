using System.Diagnostics;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Images;

namespace KubeLab.Tests.Machines;

public sealed class PrivateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    private string Lock => Path.Combine(_folder, ".lock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_lock_of_another_process_is_awaited_for_a_minute_and_reported()
    {
        using var flock = Process.Start(new ProcessStartInfo("flock", [Lock, "-c", "echo held; read line"])
        { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await flock.StandardOutput.ReadLineAsync();
        var clock = new QuickClock();
        var events = new Events();
        LabEvents.Current = events;
        var error = await Assert.ThrowsAsync<KlException>(() => PrivateFile.LockAsync(Lock, clock, default));
        Assert.Equal(("FileLocked", KlErrorKind.Timeout), (error.ErrorId, error.Kind));
        foreach (var text in (string[])[error.Message, Assert.Single(events.Seen).Message])
        {
            Assert.Contains(OperatingSystem.IsLinux() ? $"process {flock.Id} (flock)" : "another process", text, StringComparison.Ordinal);
            Assert.Contains("60 s", text, StringComparison.Ordinal);
        }
        flock.StandardInput.Close();
        await flock.WaitForExitAsync();
        (await PrivateFile.LockAsync(Lock, TimeProvider.System, default)).Dispose();
    }

    [Theory]
    [InlineData("/sys/kubelab.lock", "access is denied.")]
    [InlineData("FOLDER/absent/.lock", "its folder does not exist")]
    [InlineData("FOLDER/file/.lock", "not a folder")]
    [InlineData("FOLDER", "denied")]
    [InlineData("FOLDER/loop", "loop")]
    [InlineData("FOLDER/LONG", "too long")]
    public async Task A_lock_that_cannot_be_created_is_an_immediate_error(string place, string expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        File.CreateSymbolicLink(Path.Combine(_folder, "loop"), "loop");
        var path = place.Replace("FOLDER", _folder, StringComparison.Ordinal).Replace("LONG", new string('a', 300), StringComparison.Ordinal);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var error = await Assert.ThrowsAsync<KlException>(() => PrivateFile.LockAsync(path, TimeProvider.System, timeout.Token));
        Assert.Equal("FileNotWritable", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_replaces_the_file_and_removes_leftovers_of_a_killed_process()
    {
        var path = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(path + ".kubelab-new", "ha");
        await PrivateFile.WriteAsync(path, "whole", default);
        Assert.Equal("whole", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal("FileNotWritable", (await Assert.ThrowsAsync<KlException>(() => PrivateFile.WriteAsync("/sys/kubelab", "", default))).ErrorId);
    }
}
