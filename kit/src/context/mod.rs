//! What the checks share: the plugin on its bench, its cases as they were played, and
//! every operation that it declares.

mod library;
mod probes;
mod variants;

use patchboard_gateway::Provider;
use patchboard_gateway::contract::{Answer, Item, Operation, UnifiedRequest};
use patchboard_gateway::manifest::{Field, OperationSpec, Resource};
use patchboard_gateway::model::Model;
use serde_json::{Map, Value};

use crate::Subject;
use crate::case::Case;
use crate::rig::{Answers, Ask, Driven, Given, InOrder, Ran, Rig};

pub(crate) use variants::Variant;

/// What the checks share.
pub(crate) struct Context<'a, P> {
    pub(crate) rig: Rig<'a, P>,
    pub(crate) played: Vec<Played<'a>>,
}

/// A case with what became of it.
pub(crate) struct Played<'a> {
    pub(crate) case: &'a Case,
    pub(crate) ran: Ran,
}

/// An operation that the plugin declares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) operation: Operation,
    pub(crate) spec: &'a OperationSpec,
}

/// A declared operation with one account's settings, and a case that shows it.
#[derive(Clone)]
pub(crate) struct Scene<'c, 'a> {
    pub(crate) place: Place<'a>,
    pub(crate) variant: Variant,
    pub(crate) base: &'c Played<'a>,
    /// What the engine let through to the plugin in that case.
    pub(crate) request: &'c UnifiedRequest,
    pub(crate) model: &'c Model,
}

impl Place<'_> {
    /// `ticketing/workspaces update`
    pub(crate) fn name(&self) -> String {
        format!("{}/{} {}", self.resource.model, self.resource.resource, self.operation)
    }

    /// Whether a case is of this operation.
    pub(crate) fn has(&self, case: &Case) -> bool {
        let request = &case.request;
        request.operation == self.operation && request.model == self.resource.model && request.resource == self.resource.resource
    }
}

impl Played<'_> {
    /// Whether it shows the operation doing what it is for.
    pub(crate) fn succeeds(&self) -> bool {
        self.case.succeeds() && self.ran.finished().is_some()
    }

    /// The unified objects that the plugin answered.
    pub(crate) fn items(&self) -> Vec<&Item> {
        items(self.ran.finished())
    }
}

/// The unified objects of an answer.
pub(crate) fn items(answer: Option<&Answer>) -> Vec<&Item> {
    match answer {
        Some(Answer::Item(item)) => vec![item],
        Some(Answer::Page(page)) => page.items.iter().collect(),
        Some(Answer::Deleted(item)) => item.iter().collect(),
        None => Vec::new(),
    }
}

impl<'a, P: Provider> Context<'a, P> {
    /// Plays every case.
    pub(crate) async fn prepare(subject: &Subject<'a, P>) -> Self {
        let rig = Rig::new(subject.provider, subject.models);
        let mut played = Vec::new();
        for case in subject.cases {
            let answers = InOrder(case.exchanges.iter().map(|exchange| Given::from(&exchange.answer)).collect());
            played.push(Played { case, ran: rig.run(&Ask::of(case), &answers).await });
        }
        Self { rig, played }
    }

    /// Every operation that the plugin declares.
    pub(crate) fn places(&self) -> Vec<Place<'a>> {
        let resources = self.rig.manifest().resources.iter();
        let of = |resource: &'a Resource| {
            resource.operations.iter().map(move |(operation, spec)| Place { resource, operation: *operation, spec })
        };
        resources.flat_map(of).collect()
    }

    /// Every operation with every kind of account, where a case shows that it works.
    pub(crate) fn scenes(&self) -> Vec<Scene<'_, 'a>> {
        self.places().into_iter().flat_map(|place| self.scenes_of(place)).collect()
    }

    fn scenes_of(&self, place: Place<'a>) -> Vec<Scene<'_, 'a>> {
        let scene = |variant: Variant| {
            let of_place = || self.played.iter().filter(|played| place.has(played.case) && played.succeeds());
            let same = |played: &&Played<'_>| self.settled(&played.case.settings).as_ref() == Some(&variant.settled);
            let base = of_place().find(same).or_else(|| of_place().next())?;
            let model = self.rig.models.get(&place.resource.model, &place.resource.resource)?;
            Some(Scene { place, variant, base, request: base.ran.request.as_ref()?, model })
        };
        self.variants(place).into_iter().filter_map(scene).collect()
    }

    /// The scene with a case for its base whose fields are such, if there is one: what a
    /// provider answers there belongs to such a request.
    pub(crate) fn showing<'c>(&'c self, scene: &Scene<'c, 'a>, such: impl Fn(&Map<String, Value>) -> bool) -> Scene<'c, 'a> {
        let bases = || self.played.iter().filter(|played| scene.place.has(played.case) && played.succeeds() && such(&played.case.fields()));
        let same = |played: &&Played<'_>| self.settled(&played.case.settings).as_ref() == Some(&scene.variant.settled);
        let base = bases().find(same).or_else(|| bases().next());
        let scene_of = base.and_then(|base| scene.of(self, base));
        scene_of.map_or_else(|| scene.clone(), |shown| Scene { variant: scene.variant.clone(), ..shown })
    }

    /// Maps a request of a scene with these fields, without the engine.
    pub(crate) async fn drive(&self, scene: &Scene<'_, 'a>, fields: Map<String, Value>) -> Driven {
        let request = UnifiedRequest { body: Some(fields), ..scene.request.clone() };
        self.drive_request(scene, &request).await
    }

    /// Maps a request of a scene, without the engine.
    pub(crate) async fn drive_request(&self, scene: &Scene<'_, 'a>, request: &UnifiedRequest) -> Driven {
        self.drive_with(scene, request, &self.answers(scene)).await
    }

    /// Maps a request of a scene with answers of another source, without the engine.
    pub(crate) async fn drive_with(&self, scene: &Scene<'_, 'a>, request: &UnifiedRequest, answers: &dyn Answers) -> Driven {
        self.rig.drive(&scene.variant.settled, request, answers).await
    }

    /// The values of the fields that must be given, all but one.
    pub(crate) fn required(&self, scene: &Scene<'_, 'a>, but: &str) -> Map<String, Value> {
        let given = scene.base.case.fields();
        let wanted = scene.fields().filter(|field| field.required && field.name != but);
        let value = |field: &Field| given.get(&field.name).cloned().or_else(|| self.probes(scene, field).into_iter().next());
        wanted.filter_map(|field| Some((field.name.clone(), value(field)?))).collect()
    }
}

impl<'c, 'a> Scene<'c, 'a> {
    /// The fields that are declared with these settings.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'a Field> {
        self.place.spec.fields.iter().filter(|field| field.when.holds(&self.variant.settled))
    }

    /// The same operation as another case shows it.
    pub(crate) fn of<P: Provider>(&self, context: &Context<'a, P>, base: &'c Played<'a>) -> Option<Self> {
        let variant = Variant { settings: base.case.settings.clone(), settled: context.settled(&base.case.settings)? };
        Some(Self { base, variant, request: base.ran.request.as_ref()?, ..self.clone() })
    }

    /// The request of the base case, for the engine.
    pub(crate) fn ask(&self) -> Ask {
        Ask { settings: self.variant.settings.clone(), ..Ask::of(self.base.case) }
    }
}
