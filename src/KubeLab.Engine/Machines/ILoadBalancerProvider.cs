using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>A provider that can create a machine for a load balancer.</summary>
public interface ILoadBalancerProvider
{
    /// <summary>Creates the machine <see cref="LabName.LoadBalancer"/>, like the other machines of the lab. Returns an existing one.</summary>
    /// <exception cref="KlException">The name is used by something else, or the machine cannot be created.</exception>
    Task<Machine> CreateLoadBalancerAsync(string lab, IProgress<LabEvent> events, CancellationToken stop);
}
