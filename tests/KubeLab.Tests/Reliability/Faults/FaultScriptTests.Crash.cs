namespace KubeLab.Tests.Reliability.Faults;

public sealed partial class FaultScriptTests
{
    private const string Crash = """
        SHARED_KERNEL=false
        systemd-detect-virt() { echo none; return 1; }
        panic_after() { if [[ $# == 0 ]]; then echo 10; else echo "set $1"; fi; }
        TRIGGER=trigger
        : >trigger
        cat() { [[ $1 != /sys/* ]] || return 0; command cat "$@"; }

        """;

    [Theory]
    [InlineData("true", "none")]
    [InlineData("false", "lxc")]
    [InlineData("false", "")]
    public async Task A_container_is_not_crashed_because_the_crash_would_be_that_of_the_computer(string isShared, string detected) =>
        Assert.StartsWith("::error FaultUnsupported it is a container, and a crash would be that of the computer", await RunAsync("aaaaaaaa", $$"""
            SHARED_KERNEL={{isShared}}
            systemd-detect-virt() { echo "{{detected}}"; return 1; }
            panic_after() { echo "CHANGED $*"; }
            (start_NodeCrash) || true
            """), StringComparison.Ordinal);

    [Theory]
    [InlineData("20", "20")]
    [InlineData("1.5", "2")]
    public async Task The_kernel_is_told_whole_seconds_before_the_fault_is_in_force(string duration, string seconds) =>
        Assert.Equal($"set {seconds}\nset 10\n", await RunAsync("aaaaaaaa", Crash + $"DURATION={duration}; start_NodeCrash; end_NodeCrash"));

    [Fact]
    public async Task A_kernel_that_does_not_accept_the_time_is_not_crashed() =>
        Assert.Equal("::error FaultUnsupported its kernel does not let the time be set after which it reboots (kernel.panic)\n",
            await RunAsync("aaaaaaaa", Crash + "panic_after() { [[ $# == 0 ]] && echo 10; }; DURATION=5; (start_NodeCrash) || true"));
}
