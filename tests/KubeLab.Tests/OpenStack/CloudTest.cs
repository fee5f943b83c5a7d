using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.OpenStack;

/// <summary>A test of the provider with a cloud in memory and a temporary folder.</summary>
public abstract class CloudTest : IDisposable
{
    private readonly Folder _folder = new();

    /// <summary>The cloud.</summary>
    internal FakeCloud Cloud { get; } = new();

    /// <summary>The reported events.</summary>
    internal Heard Heard { get; } = new();

    /// <summary>The folder of the labs' keys.</summary>
    private protected string Root => _folder.Path;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Deletes the folder.</summary>
    protected virtual void Dispose(bool disposing) => _folder.Dispose();

    // A new provider each time, so that all state comes from the cloud.
    private protected OpenStackProvider Provider() =>
        new((_, _, _) => Task.FromResult<ICloud>(Cloud), () => ["lab"], Root, TimeProvider.System, TimeSpan.FromMilliseconds(1));

    private protected static OpenStackOrder Order(int count, string lab = "lab") =>
        new([.. Enumerable.Range(1, count).Select(n => $"{lab}-{n}")], "Debian 12", "m1.small") { FloatingIp = true };

    private protected async Task<IReadOnlyList<Machine>> CreateAsync(OpenStackOrder order, string lab = "lab")
    {
        var provider = Provider();
        return await Fleet.AllAsync(order.Machines, (name, stop) =>
            provider.CreateAsync(new OpenStackMachineSpec(lab, name, order), Heard, stop), 16, default);
    }

    private protected async Task RemoveAsync(IReadOnlyList<Machine> machines)
    {
        var provider = Provider();
        await Fleet.AllAsync(machines, async (machine, stop) =>
        {
            await provider.DeleteAsync(machine, Heard, stop);
            return true;
        }, 16, default);
    }

    private protected async Task<IReadOnlyList<Machine>> ListAsync() => await Provider().ListAsync(null, default).ToListAsync();

    /// <summary>The common error of all machines of an order that changes nothing.</summary>
    private protected async Task<KlException> RefusalAsync(OpenStackOrder order)
    {
        var before = Cloud.Everything;
        var error = await Record.ExceptionAsync(() => CreateAsync(order));
        Assert.Equal(before, Cloud.Everything);
        Assert.Equal(0, Cloud.Changes);
        return Assert.IsType<KlException>(error is AggregateException many ? many.Flatten().InnerExceptions.Distinct().Single() : error);
    }
}
