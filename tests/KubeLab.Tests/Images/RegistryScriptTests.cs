using KubeLab.Tests.Bootstrap;

namespace KubeLab.Tests.Images;

/// <summary>registry.sh in bash with fake commands.</summary>
public sealed class RegistryScriptTests : IDisposable
{
    private const string Socket = "LISTEN 0 4096 10.77.1.1:5000 0.0.0.0:*";

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("", null)]
    [InlineData("""users:(("docker-registry",pid=42,fd=7))""", null)]
    [InlineData("""users:(("docker-registry",pid=43,fd=7))""", "docker-registry, process 43")]
    [InlineData("""users:(("sshd",pid=9,fd=3))""", "sshd, process 9")]
    [InlineData(" ", Socket)]
    public async Task A_port_of_another_process_is_an_error(string users, string? holder)
    {
        var (exit, output) = await CheckAsync($"ss() {{ {(users.Length > 0 ? $"echo '{$"{Socket} {users}".TrimEnd()}'" : ":")}; }}");
        Assert.Equal(holder is null ? (0, "") : (3, $"::error RegistryPortTaken port 5000 is in use by {holder}\n"), (exit, output));
    }

    [Fact]
    public async Task A_socket_that_the_registry_has_just_opened_is_not_an_error() =>
        Assert.Equal((0, ""), await CheckAsync($$"""
            ss() { echo "{{Socket}}$(cat known 2>/dev/null)"; }
            sleep() { echo ' users:(("docker-registry",pid=42,fd=7))' >known; }
            cd "{{_node.At("")}}"
            """));

    private Task<(int Exit, string Output)> CheckAsync(string fakes) =>
        _node.RunAsync("registry", $"systemctl() {{ echo 42; }}\nsleep() {{ :; }}\n{fakes}\ncheck_port", ("LISTEN", "10.77.1.1:5000"));
}
