using System.Diagnostics;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Images;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Kube.Config;

public sealed class KubeconfigLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    private string Config => Path.Combine(_folder, "config");

    private string Lock => Config + ".lock";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_lock_that_one_process_keeps_is_an_error_that_names_the_process()
    {
        using var sleep = Process.Start("sleep", ["60"]);
        try
        {
            await File.WriteAllTextAsync(Lock, $"{sleep.Id} {Environment.MachineName} mark\n");
            var error = await Assert.ThrowsAsync<KlException>(EditAsync);
            Assert.Equal("KubeconfigLocked", error.ErrorId);
            Assert.Contains($"process {sleep.Id} (sleep) has held {Lock} for 10 s", error.Message, StringComparison.Ordinal);
            Assert.True(File.Exists(Lock));
        }
        finally
        {
            sleep.Kill();
        }
        await sleep.WaitForExitAsync();
        Assert.True(await EditAsync());
        Assert.False(File.Exists(Lock));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 elsewhere mark\n")]
    public async Task A_lock_of_an_unknown_holder_is_respected_for_a_minute(string content)
    {
        await File.WriteAllTextAsync(Lock, content);
        var clock = new QuickClock();
        clock.SetUtcNow(File.GetLastWriteTimeUtc(Lock));
        var error = await Assert.ThrowsAsync<KlException>(() => EditAsync(clock));
        Assert.Contains("delete", error.NextStep, StringComparison.Ordinal);
        clock.SetUtcNow(clock.GetUtcNow().AddMinutes(2));
        Assert.True(await EditAsync(clock));
        Assert.Equal([Config], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("mkdir", "a folder")]
    [InlineData("ln -s nowhere", "a symbolic link")]
    [InlineData("mkfifo", "a device or pipe")]
    public async Task A_lock_that_is_not_a_file_is_an_error_that_describes_it(string command, string kind)
    {
        using (var make = Process.Start("sh", ["-c", $"{command} '{Lock}'"]))
            await make.WaitForExitAsync();
        var error = await Assert.ThrowsAsync<KlException>(() => EditAsync().WaitAsync(Gates.Timeout));
        Assert.Equal("KubeconfigLocked", error.ErrorId);
        Assert.Contains($"another program (with {kind} instead of a file) has held {Lock} for 10 s", error.Message, StringComparison.Ordinal);
        Assert.Contains($"delete {Lock}", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_continues_while_the_lock_changes_its_holder()
    {
        await File.WriteAllTextAsync(Lock, "");
        var events = new Events();
        LabEvents.Current = events;
        Assert.True(await EditAsync(new ChangingHolder(Lock)));
        Assert.Contains("is locked by", Assert.Single(events.Seen).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        await File.WriteAllTextAsync(Lock, "");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            KubeconfigFiles.EditAsync(Config, text => text.WithCurrentContext("a"), TimeProvider.System, stop.Token));
    }

    [Fact]
    public async Task Eighty_changes_of_four_shells_succeed_through_links_too()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "config");
        await File.WriteAllTextAsync(Config, "contexts: []\n");
        // Each process waits for the others, so that their edits overlap.
        var exits = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ShellProcess.RunAsync($$"""
            $kubeconfig = @((Get-Command Get-KlCluster).OutputType.Type.Assembly)[0].GetType('KubeLab.Engine.Kube.Config.Kubeconfig')
            $admin = "clusters: [{name: a, cluster: {server: 'https://a'} }]`nusers: [{name: a, user: {token: t} }]"
            New-Item '{{_folder}}/ready-{{i}}' | Out-Null
            while (@(Get-Item '{{_folder}}/ready-*').Count -lt 4) { Start-Sleep -Milliseconds 10 }
            foreach ($n in {{i * 20}}..{{i * 20 + 19}}) {
                $task = $kubeconfig::MergeAsync("$n", $admin, "https://127.0.0.1:$(1000 + $n)", [TimeProvider]::System, [Threading.CancellationToken]::None)
                [void]$task.GetAwaiter().GetResult()
            }
            """, new Dictionary<string, string?> { ["KUBECONFIG"] = Path.Combine(_folder, i % 2 == 0 ? "config" : "link") })));
        Assert.All(exits, exit => Assert.Equal(new ShellExit(0, "", ""), exit));
        Assert.Equal(Enumerable.Range(0, 80).Select(n => (Name: $"{n}", Port: 1000 + n)).ToHashSet(),
            Kubeconfig.List(new([Config])).Select(one => (one.Key, one.Value.Port)).ToHashSet());
        Assert.DoesNotContain(Directory.GetFiles(_folder), file => file.Contains(".lock", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lock_that_is_held_is_not_removed()
    {
        var (clock, lost) = (new ImpatientClock(), 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (_, stop) =>
        {
            using var held = await KubeconfigLock.AcquireAsync(Lock, clock, stop);
            Thread.SpinWait(1000);
            if (!held.IsHeld)
                Interlocked.Increment(ref lost);
        });
        Assert.Equal(0, lost);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private Task<bool> EditAsync() => EditAsync(new QuickClock());

    private Task<bool> EditAsync(TimeProvider clock) => KubeconfigFiles.EditAsync(Config, text => text.WithCurrentContext("a"), clock, default);

    /// <summary>A clock that does not wait, so that attempts often meet a lock that has just been released or created.</summary>
    private sealed class ImpatientClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    /// <summary>During each of forty waits, five seconds pass and the lock changes its holder.</summary>
    private sealed class ChangingHolder(string path) : FakeTimeProvider
    {
        private int _turn;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            ThreadPool.QueueUserWorkItem(_ =>
            {
                if (++_turn < 40)
                {
                    File.WriteAllText(path + "-next", $"{_turn} elsewhere mark\n");
                    File.SetLastWriteTimeUtc(path + "-next", GetUtcNow().UtcDateTime);
                    File.Move(path + "-next", path, overwrite: true);
                }
                else
                {
                    File.Delete(path);
                }
                Advance(TimeSpan.FromSeconds(5));
            });
            return timer;
        }
    }
}
