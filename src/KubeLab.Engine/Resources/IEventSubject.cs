namespace KubeLab.Engine.Resources;

/// <summary>An output record that events can be about.</summary>
internal interface IEventSubject
{
    /// <summary>The object that the events are about.</summary>
    KubeSubject Subject { get; }
}
